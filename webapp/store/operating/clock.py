"""The clock of the database's machine, beside ours."""

from datetime import UTC, datetime

from sqlalchemy import Engine, text


def ahead_of_database_s(engine: Engine, now: datetime) -> float | None:
    """By how much our clock is ahead, in seconds; None where the database has no clock of its own."""
    if engine.dialect.name == "sqlite":
        return None
    with engine.connect() as connection:
        there: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return (now - there.astimezone(UTC)).total_seconds()
