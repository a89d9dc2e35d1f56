"""home and notifications

Revision ID: 0033
Revises: 0031
Create Date: 2026-11-29 21:00:00.000000

"""
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0033'
down_revision = '0031'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON_DATA = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql')
_IN = ('pull', 'pull_record', 'refresh', 'decisions', 'reconcile')
_OUT = ('push', 'push_record', 'auto_push', 'check')
_SHOWN = timedelta(days=14)


def upgrade() -> None:
    changes = op.create_table(
        'hourly_changes',
        sa.Column('connection_id', sa.Integer(), nullable=False),
        sa.Column('hour', MOMENT, nullable=False),
        sa.Column('run_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('direction', sa.String(length=3), nullable=False),
        sa.Column('changes', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_hourly_changes_connection_id')),
        sa.PrimaryKeyConstraint('connection_id', 'hour', 'run_id', name=op.f('pk_hourly_changes')),
        sqlite_with_rowid=False,
    )
    op.create_table(
        'in_sync_counts',
        sa.Column('connection_id', sa.Integer(), nullable=False),
        sa.Column('object_type', sa.String(length=20), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.Column('counted_at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_in_sync_counts_connection_id')),
        sa.PrimaryKeyConstraint('connection_id', 'object_type', name=op.f('pk_in_sync_counts')),
    )
    op.create_table(
        'notification_choices',
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=30), nullable=False),
        sa.Column('is_on', sa.Boolean(), nullable=False),
        sa.Column('above', sa.Integer(), nullable=True),
        sa.Column('chosen_at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_notification_choices_user_id')),
        sa.PrimaryKeyConstraint('user_id', 'kind', name=op.f('pk_notification_choices')),
    )
    op.create_table(
        'raised_notifications',
        sa.Column('connection_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(length=30), nullable=False),
        sa.Column('user_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('raised_at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ['connection_id'], ['connections.id'], name=op.f('fk_raised_notifications_connection_id')
        ),
        sa.PrimaryKeyConstraint('connection_id', 'kind', 'user_id', name=op.f('pk_raised_notifications')),
    )
    op.add_column('mails', sa.Column('notification', sa.String(length=30), nullable=True))
    op.add_column('mails', sa.Column('params', JSON_DATA, nullable=True))
    op.execute("UPDATE mails SET notification = 'lost_connection' WHERE run_id IS NULL")
    _fill(changes)


def _fill(changes: sa.Table) -> None:
    """The changes of the last days, each run's as a whole in the hour of its end: the log is too long to read."""
    runs = sa.table(
        'runs',
        *(sa.column(name) for name in ('id', 'connection_id', 'kind', 'is_preview', 'counts')),
        sa.column('finished_at', MOMENT),
    )
    since = datetime.now(UTC) - _SHOWN
    query = sa.select(runs.c.id, runs.c.connection_id, runs.c.kind, runs.c.counts, runs.c.finished_at).where(
        runs.c.finished_at >= since, ~runs.c.is_preview, runs.c.kind.in_([*_IN, *_OUT])
    )
    rows = [
        {
            'connection_id': run.connection_id,
            'hour': run.finished_at.replace(minute=0, second=0, microsecond=0),
            'run_id': run.id,
            'direction': 'in' if run.kind in _IN else 'out',
            'changes': changed,
        }
        for run in op.get_bind().execute(query)
        if (changed := _changed(run.counts))
    ]
    if rows:
        op.get_bind().execute(changes.insert(), rows)


def _changed(counts: Any) -> int:
    """How many records a run created or updated. A JSON column as plain SQL answers it: SQLite gives its text."""
    found: dict[str, dict[str, int]] = json.loads(counts) if isinstance(counts, str) else counts or {}
    return sum(each.get('created', 0) + each.get('updated', 0) for each in found.values())


def downgrade() -> None:
    op.execute('DELETE FROM mails WHERE run_id IS NULL AND problem IS NULL')
    op.drop_column('mails', 'params')
    op.drop_column('mails', 'notification')
    op.drop_table('raised_notifications')
    op.drop_table('notification_choices')
    op.drop_table('in_sync_counts')
    op.drop_table('hourly_changes')
