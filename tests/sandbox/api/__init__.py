"""The sandbox's API, judged by the two official clients."""
