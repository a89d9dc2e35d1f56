"""How hypothesis looks for counter-examples: quickly, never by the clock."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "outside",
    deadline=None,
    max_examples=60,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("outside")
