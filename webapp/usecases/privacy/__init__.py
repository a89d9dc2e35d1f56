"""Export and erasure of one person's data, and contacts that HubSpot has deleted for privacy."""
