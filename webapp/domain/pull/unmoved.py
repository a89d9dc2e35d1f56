"""Linked objects that stand as after the last sync, on both sides: nothing is read or decided for them.

Nearly every object of a later pull is one. Its plan is the one that `plan_linked` would make, without what
only a log entry or a new base would need.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any

from webapp.domain.links.base import COMPANY
from webapp.domain.links.facts import LinkFacts
from webapp.domain.mapping.mapping import ADDITIONAL_EMAILS
from webapp.domain.mapping.values import is_kept_as_text, to_local
from webapp.domain.pull.facts import Remote
from webapp.domain.pull.plan import Plan, Terms
from webapp.domain.records.fields import Field
from webapp.domain.records.values import Value
from webapp.domain.runs import outcomes


class Unmoved:
    """Recognises such objects among those of a page.

    Args:
        terms: What the page is planned by.
        remotes: The page.
    """

    def __init__(self, terms: Terms, remotes: Sequence[Remote]) -> None:
        mapping = terms.mapping
        fields = mapping.incoming_properties
        self._terms = terms
        self._is_of_contacts = mapping.object_type == "contacts"
        self._names = tuple(name for name, _, _ in fields)
        self._properties = tuple(prop for _, prop, _ in fields)
        self._texts_of = _getter(self._properties)
        self._converted = [
            (place, definition)
            for place, (_, _, definition) in enumerate(fields)
            if not is_kept_as_text(definition)
        ]
        self._read: dict[tuple[int, str], Any] = {}
        self._blank = dict.fromkeys(mapping.knowing_blanks & mapping.incoming_names)
        self._elsewhere = frozenset(mapping.not_incoming)
        facts = terms.facts
        self._is_busy = {*facts.edited_at, *facts.in_flight}
        self._outdated = frozenset(facts.outdated_among(remotes))

    def plan(self, remote: Remote) -> Plan | None:
        """The plan of an object that nobody has moved; None where this is not plain to see."""
        link = self._terms.facts.links.get(remote.id)
        if link is None or not self._is_in_step(remote, link):
            return None
        record = self._terms.facts.records[link.record_id]
        company_id = self._company_of(remote)
        if remote.company_id is not None and (company_id is None or company_id != record.get(COMPANY)):
            return None
        if not self._is_as_before(remote, link, record):
            return None
        return Plan(
            remote=remote,
            verb="touch",
            outcome=outcomes.UNCHANGED,
            name="",
            record_id=link.record_id,
            link=link,
            company_id=company_id,
            is_unmoved=True,
        )

    def _is_in_step(self, remote: Remote, link: LinkFacts) -> bool:
        """Whether neither side says that anything has happened since the last sync."""
        return (
            link.remote_updated_at == remote.updated_at
            and link.state == "linked"
            and remote.unreadable is None
            and not remote.properties.get(ADDITIONAL_EMAILS)
            and not remote.merged_ids
            and link.record_id not in self._is_busy
            and remote.id not in self._outdated
        )

    def _company_of(self, remote: Remote) -> int | None:
        """The record of a contact's company."""
        company = self._terms.facts.company_of(remote) if self._is_of_contacts else None
        return company.record_id if company is not None else None

    def _is_as_before(self, remote: Remote, link: LinkFacts, record: Mapping[str, Value]) -> bool:
        """Whether both sides hold their base, and HubSpot's side says the same as ours."""
        try:
            texts = self._texts_of(remote.properties)
        except KeyError:
            return False  # a property that HubSpot does not know any more
        values = [*map(record.get, self._names)]
        there: dict[str, Any] = {
            name: text for name, text in zip(self._names, texts, strict=True) if text is not None
        }
        here: dict[str, Any] = {
            name: value for name, value in zip(self._names, values, strict=True) if value is not None
        }
        if self._blank:
            there, here = self._blank | there, self._blank | here
        if self._is_of_contacts:
            if (company_id := record.get(COMPANY)) is not None:
                here[COMPANY] = company_id
            if remote.company_id is not None:
                there[COMPANY] = remote.company_id
        return (
            there == _less(link.remote_seen, self._elsewhere)
            and here == _less(link.local_seen, self._elsewhere)
            and self._agree(texts, values)
        )

    def _agree(self, texts: tuple[str | None, ...], values: list[Value]) -> bool:
        """Whether both sides have the same values; a text is the same only letter by letter."""
        read = [*texts]
        for place, definition in self._converted:
            if (text := texts[place]) is not None:
                read[place] = self._value(place, definition, text)
        return read == values

    def _value(self, place: int, definition: Field, text: str) -> Any:
        """A text that is converted, as our value; a misfit is equal to none."""
        key = (place, text)
        if key not in self._read:
            self._read[key] = to_local(definition, text, self._terms.mapping)
        return self._read[key]


def _getter(names: tuple[str, ...]) -> Callable[[Mapping[str, str | None]], tuple[str | None, ...]]:
    """Takes these values out of a dictionary.

    `itemgetter` gives a tuple of two names or more alone.
    """
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)


def _less(seen: Mapping[str, Any], names: Collection[str]) -> Mapping[str, Any]:
    """A side of a base without the fields that no pull brings, which stay as the last push left them."""
    return {name: value for name, value in seen.items() if name not in names} if names else seen
