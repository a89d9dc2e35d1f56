"""Where HubSpot delivers its webhook events."""
