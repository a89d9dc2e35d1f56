"""The list of records that failed in their latest sync."""
