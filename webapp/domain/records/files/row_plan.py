"""The plan of a row of a file: create a record, change one, leave it as it is, or fail."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from webapp.domain.records.fields import Field, ObjectType
from webapp.domain.records.files.recognition import Known, Recognised, Stored, recognise
from webapp.domain.records.files.rows import Row, company_domain_key, company_name_key, name_key
from webapp.domain.records.files.stored_rows import holds
from webapp.domain.records.identity import KEY_FIELDS
from webapp.domain.records.naming import record_name
from webapp.domain.records.validate import Checked, check
from webapp.domain.records.values import Change, Value, is_blank, same
from webapp.errors import Problem, problem

RowOutcome = Literal["created", "updated", "unchanged", "already", "failed"]
ROW_OUTCOMES: tuple[RowOutcome, ...] = ("created", "updated", "unchanged", "already", "failed")


class RowPlan(Struct):
    """The plan of a row.

    Attributes:
        number: of the row.
        outcome: `already`: an earlier import of the same file had stored it, and no key says as what.
        record_id: the record that it changes or leaves as it is.
        version: in which that was read.
        values: what would be stored.
        changes: the fields that would change.
        errors: by column, what is wrong.
        warnings: by column, what a person should look at; records that look alike belong here.
        given: what the row says, by column.
        tokens: what no other row of the file may share.
    """

    number: int
    outcome: RowOutcome
    record_id: int | None = None
    version: int = 0
    values: dict[str, Value] = {}
    changes: list[Change] = []
    errors: dict[str, Problem] = {}
    warnings: dict[str, Problem] = {}
    given: dict[str, str] = {}
    tokens: tuple[str, ...] = ()


class Planner(Struct, frozen=True):
    """Plans the rows of one file: whose records it has, the custom fields, how many columns there are."""

    object_type: ObjectType
    custom: Sequence[Field]
    columns: int

    def plan(self, row: Row, known: Known, doubles: Mapping[int, dict[str, Problem]]) -> RowPlan:
        """The plan of one row.

        Args:
            row: The row.
            known: What is known here of the rows of its batch.
            doubles: Of rows that other rows of the file repeat, what is wrong, by column.
        """
        if row.excess:
            wrong = {"row": problem("cells", count=row.excess, expected=self.columns)}
            return _failed(row, wrong)
        if holds(known.stored_rows, row.number):
            # The number in the row was unused when the row was stored, and belongs to another record now.
            found = recognise(self.object_type, replace(row, record_id=""), known)
            if found.record_id is None:
                return RowPlan(row.number, "already", given=_shown(row))
        else:
            found = recognise(self.object_type, row, known)
        if found.errors:
            return _failed(row, found.errors)
        return self._planned(row, known, found, doubles.get(row.number, {}))

    def _planned(self, row: Row, known: Known, found: Recognised, doubles: Mapping[str, Problem]) -> RowPlan:
        stored = known.records[found.record_id] if found.record_id is not None else None
        checked = self._checked(row, known, stored, is_by_key=found.is_by_key)
        plan = (
            _failed(row, checked.errors | dict(doubles)) if checked.errors or doubles else _good(row, checked)
        )
        plan.tokens = _tokens(self.object_type, row, found.record_id, stored)
        plan.warnings = found.warnings
        if stored is not None:
            plan.record_id, plan.version = found.record_id, stored.version
            plan.changes = _changes(stored.values, checked.values)
            if plan.outcome == "created":
                plan.outcome = "updated" if plan.changes else "unchanged"
        return plan

    def _checked(self, row: Row, known: Known, stored: Stored | None, *, is_by_key: bool) -> Checked:
        """The row's values, validated; for an existing record a blank cell leaves the value unchanged."""
        given = row.given
        if stored is not None:
            # By whichever address or spelling it was found, the record keeps its own.
            kept = KEY_FIELDS[self.object_type] if is_by_key else ""
            given = {name: text for name, text in given.items() if not is_blank(text) and name != kept}
        checked = check(self.object_type, given, stored.values if stored else {}, self.custom)
        if self.object_type == "contacts":
            _find_company(row, known, checked, stored.values.get("company_id") if stored else None)
        return checked


def name_of(object_type: ObjectType, plan: RowPlan) -> str:
    """The name of a row's record, even if the row has errors."""
    stored = {name: value for name, value in plan.values.items() if not is_blank(value)}
    return record_name(object_type, {**plan.given, **stored})


def _good(row: Row, checked: Checked) -> RowPlan:
    return RowPlan(row.number, "created", values=checked.values, given=_shown(row))


def _failed(row: Row, errors: dict[str, Problem]) -> RowPlan:
    return RowPlan(row.number, "failed", errors=errors, given=_shown(row))


def _shown(row: Row) -> dict[str, str]:
    """The row's values, by the names of its columns."""
    ids = {"id": row.record_id, "hubspot_id": row.remote_id, "company_domain": row.company_domain}
    ids |= {"company_name": row.company_name}
    return ids | row.given


def _find_company(row: Row, known: Known, checked: Checked, present: object) -> None:
    """Add the company that a row names by domain or name instead of by number."""
    company_id = checked.values.get("company_id")
    is_named = not is_blank(row.given.get("company_id"))
    if row.company_domain and not is_named:
        checked.errors.pop("company_id", None)
        found = known.by_domain.get(company_domain_key(row), [])
        if present in found:
            return
        if len(found) == 1:
            checked.values["company_id"] = found[0]
        else:
            checked.errors["company_domain"] = _no_one_company(row.company_domain, len(found))
    elif row.company_name and not is_named:
        checked.errors.pop("company_id", None)
        found = _named(row, known)
        if present in found:
            return
        if len(found) == 1:
            checked.values["company_id"] = found[0]
        else:
            checked.errors["company_name"] = _no_one_named(row.company_name, len(found))
    elif isinstance(company_id, int) and company_id != present and company_id not in known.companies:
        checked.errors["company_id"] = problem("no_company_of_number", company_id=company_id)


def _named(row: Row, known: Known) -> list[int]:
    """The companies with a name: those written exactly so, otherwise those that differ only in legal form."""
    alike = known.by_name.get(company_name_key(row), [])
    written_so = [number for number, name in alike if same(name.casefold(), row.company_name.casefold())]
    return written_so or [number for number, _ in alike]


def _no_one_named(name: str, count: int) -> Problem:
    if count:
        return problem("several_companies_named", count=count, name=name)
    return problem("no_company_named", name=name)


def _no_one_company(domain: str, count: int) -> Problem:
    if count:
        return problem("several_companies_of_domain", count=count, domain=domain)
    return problem("no_company_of_domain", domain=domain)


def _tokens(
    object_type: ObjectType, row: Row, record_id: int | None, stored: Stored | None
) -> tuple[str, ...]:
    """The claims that no other row may share: the record, and an address that is new to it.

    A domain is a company's together with its name, since branches may share one; rows with numbers of their
    own are different companies in any case.
    """
    own = stored.keys if stored else frozenset()
    keys = [key for key in row.keys if key not in own]
    if object_type == "companies":
        name = name_key(object_type, row.given) or ""
        keys = [f"{key} {name}" for key in keys if not row.record_id]
    of_record = [f"id {record_id}"] if record_id is not None else []
    return tuple(dict.fromkeys((*of_record, *(f"key {key}" for key in keys))))


def repeated(object_type: ObjectType, found: Iterable[tuple[int, str, int]]) -> dict[int, dict[str, Problem]]:
    """The problems of rows that repeat each other, by row and column.

    Args:
        object_type: Companies or contacts.
        found: `(row, token, another row that holds it)`.
    """
    wrong: dict[int, dict[str, Problem]] = {}
    for row, token, other in found:
        kind, _, what = token.partition(" ")
        if kind == "id":
            wrong.setdefault(row, {})["row"] = problem("same_record_twice", row=other, record_id=int(what))
        elif object_type == "companies":
            wrong.setdefault(row, {})["domain"] = problem("same_company_twice", row=other)
        else:
            wrong.setdefault(row, {})["email"] = problem("same_email_twice", row=other)
    return wrong


def _changes(old: Mapping[str, Value], new: Mapping[str, Value]) -> list[Change]:
    """The fields whose values differ; blank and nothing are the same."""
    return [
        (name, old.get(name), value)
        for name, value in new.items()
        if old.get(name) != value and not (is_blank(old.get(name)) and is_blank(value))
    ]
