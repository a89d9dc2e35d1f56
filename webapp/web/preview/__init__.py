"""What follows a preview."""
