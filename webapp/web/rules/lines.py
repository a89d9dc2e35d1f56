"""A rule as lines to read, and what of it no record meets."""

from webapp.domain.records.fields import Field
from webapp.domain.rules.check import names_values, nearest
from webapp.domain.rules.rule import Condition, Rule
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
            self._unmet_line(one, value, known)
            for one in rule.every_condition()
            if (known := self._known.get(one.field)) is not None
            and names_values(one, self._fields[one.field])
            and known.is_all
            and not known.is_closed
            for value in map(str, one.value if isinstance(one.value, list) else [one.value])
            if value.casefold() not in map(str.casefold, known.counts)
        ]

    def _line(self, condition: Condition) -> str:
        field = self._fields.get(condition.field)
        values = condition.value if isinstance(condition.value, list) else [condition.value]
        named = ", ".join(self._value(field, one) for one in values if one is not None)
        return f"{label(self._type, condition.field)} {operator(condition.operator)} {named}".strip()

    def _value(self, field: Field | None, value: object) -> str:
        labels = labels_of(field, self._known.get(field.name, Vocabulary()) if field else Vocabulary())
        return labels.get(str(value), readable(field, value))

    def _unmet_line(self, condition: Condition, value: str, known: Vocabulary) -> str:
        field, near = label(self._type, condition.field), nearest(value, known.counts)
        if near is None:
            return _("%(field)s: no record has “%(value)s” so far.", field=field, value=value)
        return _(
            "%(field)s: no record has “%(value)s” so far. Did you mean “%(near)s”?",
            field=field,
            value=value,
            near=near,
        )
