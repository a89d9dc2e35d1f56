"""Refusals of a record by HubSpot, and the values that are left out."""
