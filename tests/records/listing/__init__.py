"""The lists of companies and contacts."""
