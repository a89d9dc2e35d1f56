"""For operators and monitors: the log of requests, health, and figures for Prometheus."""
