"""From a preview to the run itself."""
