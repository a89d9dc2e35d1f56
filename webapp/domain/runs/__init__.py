"""How runs go: outcomes, progress, retries, the guard against mass changes."""
