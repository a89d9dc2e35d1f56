"""What HubSpot's webhook events say, and which of them deserve a read."""
