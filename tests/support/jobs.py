"""What the queues carry in tests: each job notes its name."""

from tests.support.services import current_services

RECORDED = "notes"


def record_name(name: str) -> None:
    """Write the name down behind those of the jobs before."""
    current_services().redis.rpush(RECORDED, name)
