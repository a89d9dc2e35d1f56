"""Privacy deletions that HubSpot reports; export and erasure of the data about one person."""
