"""A rule as lines to read, and what of it no record meets."""

from webapp.domain.records.fields import Field, ObjectType
from webapp.domain.rules.rule import WITHOUT_VALUE, Condition, Rule
from webapp.domain.rules.unmet import Unmet, unmet_values
from webapp.text.rules import operator
from webapp.text.translated import gettext as _
from webapp.usecases.rules.trials import Question
from webapp.usecases.rules.vocabulary import Vocabulary, askable_fields, vocabularies
from webapp.web.records.field_labels import label, readable
from webapp.web.rules.controls import labels_of
from webapp.web.services import ask, page_session


class Lines:
    """Writes rules of one object type and direction."""

    def __init__(self, question: Question) -> None:
        self._type = question.object_type
        where = (question.connection_id, question.object_type, question.side)
        self._fields = {one.name: one for one in askable_fields(page_session(), *where)}
        names = [one.field for one in question.rule.every_condition()]
        self._known: dict[str, Vocabulary] = ask(vocabularies, *where, names)

    def of(self, rule: Rule) -> list[tuple[str, list[str]]]:
        """Each condition as a line, a group as its join with its lines; none where everything is admitted."""
        own: list[tuple[str, list[str]]] = [(self._line(one), []) for one in rule.conditions]
        groups = [
            (
                _("all of these are true") if group.join == "all" else _("any of these is true"),
                list(map(self._line, group.conditions)),
            )
            for group in rule.groups
        ]
        return own + groups

    def unmet(self, rule: Rule) -> list[str]:
        """The values in a rule that no record has, each with the likely intended one."""
        return [
            line
            for one in rule.every_condition()
            for line in unmet_lines(self._type, one, self._known.get(one.field))
        ]

    def _line(self, condition: Condition) -> str:
        field = self._fields.get(condition.field)
        values = condition.value if isinstance(condition.value, list) else [condition.value]
        named = ", ".join(self._value(field, one) for one in values if one is not None)
        return f"{label(self._type, condition.field)} {operator(condition.operator)} {named}".strip()

    def _value(self, field: Field | None, value: object) -> str:
        labels = labels_of(field, self._known.get(field.name, Vocabulary()) if field else Vocabulary())
        return labels.get(str(value), readable(field, value))


def unmet_lines(object_type: ObjectType, condition: Condition, known: Vocabulary | None) -> list[str]:
    """The values that a condition names and no record has, as sentences; none where they are refused."""
    if known is None or known.is_closed or condition.operator in WITHOUT_VALUE:
        return []
    field = label(object_type, condition.field)
    return [
        _unmet_line(condition, field, one, is_all=known.is_all)
        for one in unmet_values(condition, known.counts)
        if one.value
    ]


def _unmet_line(condition: Condition, field: str, unmet: Unmet, *, is_all: bool) -> str:
    given = {"field": field, "value": unmet.value}
    if not is_all:
        line = _("%(field)s: none of the newest records has “%(value)s”.", **given)
    elif condition.operator == "contains":
        line = _("%(field)s: no record has a value with “%(value)s” in it so far.", **given)
    elif condition.operator == "starts_with":
        line = _("%(field)s: no record has a value that starts with “%(value)s” so far.", **given)
    else:
        line = _("%(field)s: no record has “%(value)s” so far.", **given)
    if unmet.near is None:
        return line
    return " ".join((line, _("Did you mean “%(near)s”?", near=unmet.near)))
