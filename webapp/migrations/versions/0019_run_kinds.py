"""run kinds

Revision ID: 0019
Revises: 0018
Create Date: 2026-11-29 11:04:52.730164

"""
from collections.abc import Sequence
from typing import Any

from alembic import op
import sqlalchemy as sa
# Generated code names the text type of JSON columns without its module.
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

# revision identifiers, used by Alembic.
revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

JSON_DATA = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql')
RUNS = sa.table(
    'runs',
    sa.column('id', sa.Integer),
    sa.column('kind', sa.String),
    sa.column('trigger', sa.String),
    sa.column('options', JSON_DATA),
    sa.column('approval', sa.String),
    sa.column('question', JSON_DATA),
)
# The kinds of which runs ask before they change very much, or carry out decisions: few rows an hour.
BEFORE = ('refresh', 'auto_push', 'reconcile')


def upgrade() -> None:
    op.add_column('runs', sa.Column('approval', sa.String(length=10), nullable=True))
    op.add_column('runs', sa.Column('question', JSON_DATA, nullable=True))
    for run in rows(BEFORE):
        options = dict(run.options)
        # A person begins no other kind of refresh.
        is_of_decisions = run.kind == 'refresh' and (options.pop('decisions', False) or run.trigger == 'button')
        question = options.pop('question', None)
        is_given = options.pop('is_allowed', False)
        approval = 'asked' if question is not None else 'given' if is_given else None
        if is_of_decisions or approval is not None:
            write(run.id, kind='decisions' if is_of_decisions else run.kind, options=options, approval=approval, question=question)


def downgrade() -> None:
    for run in rows((*BEFORE, 'decisions')):
        options = dict(run.options)
        if run.kind == 'decisions':
            options['decisions'] = True
        if run.approval == 'asked':
            options['question'] = run.question
        elif run.approval == 'given':
            options['is_allowed'] = True
        if options != run.options:
            write(run.id, kind='refresh' if run.kind == 'decisions' else run.kind, options=options)
    op.drop_column('runs', 'question')
    op.drop_column('runs', 'approval')


def rows(kinds: Sequence[str]) -> Sequence[Any]:
    return op.get_bind().execute(sa.select(RUNS).where(RUNS.c.kind.in_(kinds))).fetchall()


def write(run_id: int, **values: Any) -> None:
    op.get_bind().execute(sa.update(RUNS).where(RUNS.c.id == run_id).values(**values))
