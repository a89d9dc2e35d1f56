"""The form of a sync rule: a list of conditions, each in a group or in none, read from what was sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from werkzeug.datastructures import MultiDict

from webapp.domain.records.fields import Field
from webapp.domain.records.values import is_blank, trimmed
from webapp.domain.rules.check import OPERATORS_OF
from webapp.domain.rules.rule import WITHOUT_VALUE, Condition, Group, Join, Operator, Rule
from webapp.text.rules import OPERATORS
from webapp.text.translated import gettext as _

_MOST_ROWS = 60
_MOST_PICKED = 500


class Row(Struct):
    """A condition of the form.

    Attributes:
        value: what was typed, or the one that was chosen from a list.
        group: 0 for none.
        picked: what was ticked in a list.
    """

    field: str = ""
    operator: str = "is"
    value: str = ""
    group: int = 0
    picked: tuple[str, ...] = ()


class RuleForm(Struct):
    """A whole rule of the form; `group_joins` has one join for each group."""

    join: Join = "all"
    rows: list[Row] = field(default_factory=list)
    group_joins: list[Join] = field(default_factory=list)

    def rows_of(self, group: int) -> list[tuple[int, Row]]:
        """The conditions of a group, with their places in the form."""
        return [(place, row) for place, row in enumerate(self.rows) if row.group == group]

    def change(self, undo_request: str) -> None:
        """Add a condition (`add:GROUP`), a group (`group`), or take a condition away (`remove:PLACE`)."""
        verb, _, number = undo_request.partition(":")
        place = int(number) if number.isdecimal() and len(number) < len(str(_MOST_ROWS)) + 1 else -1
        if verb == "add" and 0 <= place <= len(self.group_joins) and len(self.rows) < _MOST_ROWS:
            self.rows.append(Row(group=place))
        elif verb == "group" and len(self.rows) < _MOST_ROWS:
            self.group_joins.append("any")
            self.rows.append(Row(group=len(self.group_joins)))
        elif verb == "remove" and 0 <= place < len(self.rows):
            group = self.rows.pop(place).group
            if group and not self.rows_of(group):
                self._drop_group(group)

    def fit(self, fields: Sequence[Field]) -> None:
        """Give each condition an operator that fits its field; a new one is about the first field."""
        kinds = {field.name: field.kind for field in fields}
        for row in self.rows:
            row.field = row.field if row.field in kinds else fields[0].name
            fitting = OPERATORS_OF[kinds[row.field]]
            row.operator = row.operator if row.operator in fitting else fitting[0]
            if row.picked and row.operator != "any_of":
                row.value, row.picked = row.value or row.picked[0], ()

    def _drop_group(self, number: int) -> None:
        del self.group_joins[number - 1]
        for row in self.rows:
            row.group -= row.group > number

    def as_rule(self, fields: Mapping[str, Field]) -> Rule:
        """The rule that it describes; whether it makes sense is checked elsewhere."""
        of_group = [
            tuple(condition_of(row, fields) for _, row in self.rows_of(number))
            for number in range(len(self.group_joins) + 1)
        ]
        groups = zip(self.group_joins, of_group[1:], strict=True)
        return Rule(self.join, of_group[0], tuple(Group(join, conditions) for join, conditions in groups))


def operators_of(row: Row, fields: Sequence[Field]) -> dict[str, str]:
    """The operators that fit a condition's field, and its present one even where that does not fit."""
    kind = next((field.kind for field in fields if field.name == row.field), fields[0].kind)
    fitting = OPERATORS_OF[kind]
    return {name: label for name, label in OPERATORS.items() if name in fitting or name == row.operator}


def condition_of(row: Row, fields: Mapping[str, Field]) -> Condition:
    """The condition that a row of the form describes."""
    operator: Operator = row.operator  # type: ignore[assignment]
    text = trimmed(row.value)
    value: Any = text
    if operator in WITHOUT_VALUE:
        value = None
    elif operator == "any_of":
        typed = [trimmed(part) for part in text.split(",") if not is_blank(part)]
        value = list(dict.fromkeys((*row.picked, *typed)))
    elif row.field in fields and fields[row.field].kind == "yes_no":
        truths = {"yes": True, "no": False, _("yes"): True, _("no"): False}
        value = truths.get(text.casefold(), text)
    return Condition(row.field, operator, value)


def form_of(rule: Rule) -> RuleForm:
    """The form of a rule."""
    form = RuleForm(rule.join, [_row(one, 0) for one in rule.conditions])
    for number, group in enumerate(rule.groups, 1):
        form.group_joins.append(group.join)
        form.rows += [_row(one, number) for one in group.conditions]
    return form


def read_form(sent: MultiDict[str, str]) -> RuleForm:
    """The form as it was sent; parts that make no sense are ignored."""
    joins = [_join(text) for text in sent.getlist("group_join")[:_MOST_ROWS]]
    form = RuleForm(_join(sent.get("join", "all")), group_joins=joins)
    columns = (sent.getlist(name) for name in ("field", "operator", "value", "group"))
    for place, (name, operator, value, group) in enumerate(list(zip(*columns, strict=False))[:_MOST_ROWS]):
        number = int(group) if group.isdecimal() and len(group) < len(str(_MOST_ROWS)) + 1 else 0
        known = operator if operator in OPERATORS else "is"
        picked = tuple(sent.getlist(f"picked-{place}")[:_MOST_PICKED])
        form.rows.append(Row(name, known, value, number if number <= len(joins) else 0, picked))
    return form


def _join(text: str) -> Join:
    return "any" if text == "any" else "all"


def _row(condition: Condition, group: int) -> Row:
    value = condition.value
    if isinstance(value, list):
        return Row(condition.field, condition.operator, "", group, tuple(map(str, value)))
    if isinstance(value, bool):
        return Row(condition.field, condition.operator, "yes" if value else "no", group)
    return Row(condition.field, condition.operator, "" if value is None else str(value), group)
