"""questions of held objects, and contacts that wait for their company

Revision ID: 0027
Revises: 0026
Create Date: 2026-11-29 18:00:00.000000

"""
import json
from typing import Any

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

_BATCH_SIZE = 1000


def upgrade() -> None:
    remote_id = sa.String(length=30).with_variant(sa.String(length=30, collation='C'), 'postgresql')
    candidates = op.create_table(
        'held_candidates',
        sa.Column('connection_id', sa.Integer(), nullable=False),
        sa.Column('object_type', sa.String(length=20), nullable=False),
        sa.Column('remote_id', remote_id, nullable=False),
        sa.Column('record_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ['connection_id'], ['connections.id'], name=op.f('fk_held_candidates_connection_id')
        ),
        sa.PrimaryKeyConstraint(
            'connection_id', 'object_type', 'remote_id', 'record_id', name=op.f('pk_held_candidates')
        ),
    )
    op.create_index(
        op.f('ix_held_candidates_object_type_record_id'), 'held_candidates', ['object_type', 'record_id']
    )
    _fill(candidates)
    op.execute(
        "UPDATE remote_objects SET state = 'waiting', reason = 'waiting_for_company'"
        " WHERE state = 'unlinked' AND reason = 'company_not_here'"
    )


def _fill(candidates: sa.Table) -> None:
    """The questions that were open before, from what each object keeps of them."""
    bind = op.get_bind()
    held = sa.text(
        "SELECT id, connection_id, object_type, remote_id, detail FROM remote_objects"
        " WHERE state = 'held' AND id > :after ORDER BY id LIMIT :most"
    )
    after = 0
    while rows := bind.execute(held, {"after": after, "most": _BATCH_SIZE}).all():
        after = rows[-1].id
        found = {
            (row.connection_id, row.object_type, row.remote_id, one["record_id"])
            for row in rows
            for one in _data(row.detail).get("candidates", ())
        }
        names = ("connection_id", "object_type", "remote_id", "record_id")
        if found:
            bind.execute(candidates.insert(), [dict(zip(names, one, strict=True)) for one in sorted(found)])


def _data(detail: Any) -> dict[str, Any]:
    """A JSON column as plain SQL answers it: SQLite gives its text."""
    found: dict[str, Any] = json.loads(detail) if isinstance(detail, str) else detail or {}
    return found


def downgrade() -> None:
    op.execute(
        "UPDATE remote_objects SET state = 'unlinked', reason = 'company_not_here' WHERE state = 'waiting'"
    )
    op.drop_table('held_candidates')
