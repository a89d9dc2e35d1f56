"""Webhook events: received, then refreshed."""
