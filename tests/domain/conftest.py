"""How hypothesis looks for counter-examples: a few quick looks, never by the clock."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "rules",
    deadline=None,
    max_examples=50,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("rules")
