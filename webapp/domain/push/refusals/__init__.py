"""What HubSpot refuses of a record, and what is left out then."""
