"""The endpoint to which HubSpot delivers webhook events."""
