"""The Integrations pages and the set-up."""
