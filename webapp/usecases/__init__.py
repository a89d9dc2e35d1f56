"""The use cases: each reads both sides, asks the domain for a decision and carries it out."""
