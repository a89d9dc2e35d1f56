"""The sandbox portal's webhook events: gathered while records are written, signed and delivered."""
