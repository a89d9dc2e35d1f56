"""Runs the migrations through the application's own engine."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import MetaData

from webapp.extensions import db
from webapp.models.base import UtcDateTime
from webapp.store.database.engine import turnstile, writing_engine


def run() -> None:
    """Bring the database to the wanted revision, as its only writer."""
    metadata: MetaData = db.metadata
    with turnstile(db.engine), writing_engine(db.engine).connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            compare_type=True,
            render_item=_render_item,
            render_as_batch=connection.dialect.name == "sqlite",
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


def _render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Migrations must not import the application, whose types may change later."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


run()
