"""CSV files in the browser: imports from the upload to the result, and lists as files."""
