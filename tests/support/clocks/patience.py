"""How long tests wait for what has to come."""

PATIENCE_S = 180.0
"""After so long a test gives up. No test that passes waits so long, except on a machine that is very busy.

What has to come sooner is told by the order of events, not by the clock.
"""
