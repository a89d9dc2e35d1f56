"""Webhook events measured."""
