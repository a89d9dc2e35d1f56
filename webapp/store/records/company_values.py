"""The values of companies that rules on contacts need: only fields in their conditions, read by number."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.records.fields import CUSTOM
from webapp.domain.rules.rule import Rule
from webapp.models import Company
from webapp.store.database.lists import among


def for_rule(
    session: Session, rule: Rule, ids: Iterable[int | None] | None = None
) -> dict[int, dict[str, Any]]:
    """By company, the values of the fields that a rule has conditions on; of all companies without `ids`."""
    names = rule.company_fields
    if not names:
        return {}
    standard = [name for name in names if not name.startswith(CUSTOM)]
    query = select(Company.id, Company.custom, *(getattr(Company, name) for name in standard))
    if ids is not None:
        query = query.where(among(session, Company.id, sorted({one for one in ids if one is not None})))
    return {
        row[0]: dict(zip(standard, row[2:], strict=True)) | _custom(row[1], names)
        for row in session.execute(query)
    }


def of_contact(session: Session, rule: Rule, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """The values of the company of one contact; None without a company."""
    number = values.get("company_id")
    return for_rule(session, rule, [number]).get(number) if isinstance(number, int) else None


def _custom(values: dict[str, Any] | None, names: Sequence[str]) -> dict[str, Any]:
    own = values or {}
    return {name: own.get(name.removeprefix(CUSTOM)) for name in names if name.startswith(CUSTOM)}
