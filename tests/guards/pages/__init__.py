"""What every page and every address keeps to."""
