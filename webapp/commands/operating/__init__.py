"""The commands for who runs an installation."""
