"""Deliveries: believed, refused, and stored before they are answered."""
