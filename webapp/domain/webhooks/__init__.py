"""Webhook events: their content, echoes, and the subscriptions that the app needs."""
