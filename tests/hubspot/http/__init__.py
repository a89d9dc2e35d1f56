"""Calls on their way: limits, retries, counting, proxies and certificates."""
