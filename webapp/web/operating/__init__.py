"""What an operator sees of the pages: the log of requests, and figures for Prometheus."""
