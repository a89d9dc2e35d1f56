"""A connection's switches and its set-up."""
