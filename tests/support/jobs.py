"""What the queues carry in tests: each job notes its name."""

from webapp.current import current_redis

NOTES = "notes"


def note(name: str) -> None:
    """Write the name down behind those of the jobs before."""
    current_redis().rpush(NOTES, name)
