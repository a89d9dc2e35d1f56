"""The commands of `flask --app webapp …`: one noun each."""
