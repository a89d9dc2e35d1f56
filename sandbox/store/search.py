"""Search: filters compiled to tests of one record, as it was some seconds ago."""

from collections.abc import Callable
from typing import Any

from sandbox.calls.errors import ApiError, invalid
from sandbox.store.portal import PRIMARY_COMPANY, Portal
from sandbox.store.properties.schema import Property
from sandbox.store.properties.values import Refused, moment
from sandbox.store.table import Record, Table, as_number

Values = dict[str, str]
Test = Callable[[Record, Values], bool]
Hit = tuple[Record, Values]
ValueTest = Callable[[str | None], bool]
MOST_GROUPS, MOST_FILTERS, MOST_IN_ALL = 5, 6, 18
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "LT": lambda one, other: one < other,
    "LTE": lambda one, other: one <= other,
    "GT": lambda one, other: one > other,
    "GTE": lambda one, other: one >= other,
}


def compile_search(portal: Portal, table: Table, body: dict[str, Any]) -> Test:
    """One test from the groups (any of them) and the free text of a request.

    Raises:
        ApiError: too many filters, an unknown property or operator.
    """
    groups = body.get("filterGroups") or []
    counts = [len(group.get("filters") or []) for group in groups]
    if len(groups) > MOST_GROUPS or any(c > MOST_FILTERS for c in counts) or sum(counts) > MOST_IN_ALL:
        raise invalid(
            f"At most {MOST_GROUPS} filter groups of {MOST_FILTERS} filters are allowed, {MOST_IN_ALL} in all"
        )
    compiled = [
        [_compile(portal, table, condition) for condition in group.get("filters") or []] for group in groups
    ]
    terms = str(body.get("query") or "").lower().split()
    looks_at = table.kind.search_looks_at

    def test(record: Record, values: Values) -> bool:
        if terms:
            text = " ".join(values.get(name, "") for name in looks_at).lower()
            if not all(word in text for word in terms):
                return False
        return not compiled or any(all(part(record, values) for part in group) for group in compiled)

    return test


def as_of(table: Table, record: Record, cutoff: str) -> Values | None:
    """The values that the search index knew at a moment; None for a record it had not seen."""
    properties = record.properties
    if properties[table.kind.modified] <= cutoff:
        return properties
    if properties["createdate"] > cutoff:
        return None
    values = dict(properties)
    for name, entries in (record.history or {}).items():
        known = [value for value, at, *_ in entries if at <= cutoff]
        values[name] = known[-1] if known else ""
    times = [
        at
        for name, entries in (record.history or {}).items()
        for _, at, *_ in entries
        if at <= cutoff and name != PRIMARY_COMPANY
    ]
    values[table.kind.modified] = max(times, default=properties["createdate"])
    return {name: value for name, value in values.items() if value}


def sort_key(table: Table, name: str) -> Callable[[Hit], tuple[bool, Any]]:
    """A key that orders matches by a property, blank ones last."""
    definition = table.definitions.live(name)
    if definition is None:
        raise invalid(f'Property "{name}" does not exist')
    comparable = _comparable(definition)

    def key(hit: Hit) -> tuple[bool, Any]:
        value = hit[1].get(name)
        found = None if value is None else comparable(value)
        return found is None, found

    return key


def _compile(portal: Portal, table: Table, condition: dict[str, Any]) -> Test:
    name, operator = str(condition.get("propertyName")), str(condition.get("operator"))
    if name.startswith("associations."):
        return _by_association(portal, table, name.removeprefix("associations."), condition)
    definition = table.definitions.live(name)
    if definition is None:
        raise invalid(f'Property "{name}" does not exist')
    test = _value_test(definition, operator, condition)
    return lambda _, values: test(values.get(name))


def _value_test(definition: Property, operator: str, condition: dict[str, Any]) -> ValueTest:
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        is_held = operator == "HAS_PROPERTY"
        return lambda value: (value is not None) == is_held
    comparable = _comparable(definition)
    if operator in ("IN", "NOT_IN"):
        options = {comparable(str(entry)) for entry in condition.get("values") or ()}
        is_in = operator == "IN"
        if definition.field_type == "checkbox":
            # Of several values joined by semicolons, one among the options is enough.
            return lambda value: value is not None and options.isdisjoint(value.split(";")) != is_in
        return lambda value: value is not None and (comparable(value) in options) == is_in
    if condition.get("value") is None:
        raise invalid(f"A filter with operator {operator} needs a value")
    if operator.endswith("CONTAINS_TOKEN"):
        return _token_test(str(condition["value"]), is_contained=operator == "CONTAINS_TOKEN")
    operand = comparable(str(condition["value"]))
    if operator in ("EQ", "NEQ"):
        return lambda value: (value is not None and comparable(value) == operand) == (operator == "EQ")
    return _ordered(comparable, _comparison(operator, operand, comparable, condition))


def _comparison(
    operator: str, operand: Any, comparable: Callable[[str], Any], condition: dict[str, Any]
) -> Callable[[Any], bool]:
    if operator == "BETWEEN":
        highest = comparable(str(condition.get("highValue")))
        return lambda value: bool(operand <= value <= highest)
    compare = COMPARISONS.get(operator)
    if compare is None:
        raise invalid(f"Unknown filter operator: {operator}")
    return lambda value: bool(compare(value, operand))


def _ordered(comparable: Callable[[str], Any], test: Callable[[Any], bool]) -> ValueTest:
    def check(value: str | None) -> bool:
        found = None if value is None else comparable(value)
        return found is not None and test(found)

    return check


def _token_test(text: str, *, is_contained: bool) -> ValueTest:
    token = text.lower().strip("*")

    def check(value: str | None) -> bool:
        low = (value or "").lower()
        terms = low.replace(";", " ").replace("@", " ").replace(".", " ").split()
        exact = token in terms or token in low.replace(";", " ").split()
        return (exact or ("*" in text and token in low)) == is_contained

    return check


def _by_association(portal: Portal, table: Table, other: str, condition: dict[str, Any]) -> Test:
    to_kind = {"contact": "contacts", "company": "companies"}.get(other, other)
    if to_kind not in portal.tables:
        raise invalid(f'Property "associations.{other}" does not exist')
    numbers = {as_number(entry) for entry in [condition.get("value"), *(condition.get("values") or ())]}
    of = portal.associations.of
    return lambda record, _: not numbers.isdisjoint(of(table.kind.name, record.number, to_kind))


def _comparable(definition: Property) -> Callable[[str], Any]:
    if definition.type == "number":
        return _number
    if definition.type == "datetime":
        return _moment
    if definition.type == "enumeration":
        return str
    return str.lower


def _number(value: str) -> float | int | None:
    try:
        return int(value)
    except ValueError:
        pass
    try:
        return float(value)
    except ValueError:
        return None


def _moment(value: str) -> str:
    # What is kept is already in the one form that sorts by time.
    if value.endswith("Z") and len(value) == len("2026-01-05T09:12:01.123Z"):
        return value
    try:
        return moment(value)
    except Refused as refusal:
        raise ApiError(400, refusal.message, "VALIDATION_ERROR") from refusal
