"""The clock of the database's machine, beside ours."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text


def ahead_of_database_s(engine: Engine, now: datetime) -> float | None:
    """By how much our clock is ahead, in seconds; None where the database has no clock of its own."""
    if engine.dialect.name == "sqlite":
        return None
    with engine.connect() as connection:
        there: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return (now - there.astimezone(UTC)).total_seconds()


def surely_past(engine: Engine, now: datetime) -> datetime:
    """The earlier one of both clocks: what is deleted by its age stays gone, if ours was ahead."""
    return now - timedelta(seconds=max(0.0, ahead_of_database_s(engine, now) or 0.0))
