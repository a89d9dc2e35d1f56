"""What the portal tells its app: notices, gathered while records are written, and their delivery."""
