"""The keys by which a record or an object is looked up, and the values that are compared."""

from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from webapp.domain.matching.own_domains import is_own
from webapp.domain.matching.traits import Names, Traits, names_of, traits_of
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.normal.phones import may_be_somebodys

Key = tuple[object, ...]
"""The kind of a key, and what it is."""

_LAST_MONTH = "12"


class Keys(Struct, kw_only=True):
    """By what a record or an object is looked up, and its fields to compare; None where it has none.

    `own_key` is the record's uuid, `further_domains` are a company's beside the first; the others are as in
    `webapp.domain.records.keys`.
    """

    object_type: ObjectType
    emails: frozenset[str] = frozenset()
    phone: str | None = None
    name: str | None = None
    company_id: int | None = None
    domain: str | None = None
    further_domains: frozenset[str] = frozenset()
    place: str | None = None
    initials: str | None = None
    letters: str | None = None
    street: str | None = None
    house: str | None = None
    town: str | None = None
    birthday: str | None = None
    own_key: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    traits: Traits | None = None
    names: Names | None = None

    def read(self) -> Traits:
        """The fields as they are compared; read once."""
        if self.traits is None:
            self.traits = traits_of(
                self.object_type,
                self.values,
                emails=self.emails,
                domains=self.further_domains,
                company_id=self.company_id,
            )
        return self.traits

    def read_names(self) -> Names:
        """The names of a contact, read once."""
        if self.names is None:
            self.names = names_of(self.values)
        return self.names

    @property
    def domains(self) -> frozenset[str]:
        """Every domain of a company that is nobody else's."""
        given = self.further_domains if self.domain is None else self.further_domains | {self.domain}
        return frozenset(one for one in given if is_own(one))

    @property
    def usable_phone(self) -> str | None:
        """The phone number, unless it is one that nobody has."""
        key = self.phone
        return key if key is not None and may_be_somebodys(key) else None

    def exact(self) -> Iterator[Key]:
        """Values that only the same record should share."""
        if self.object_type == "companies":
            for domain in self.domains:
                yield "domain", domain
            if self.name:
                yield "name", self.name
            return
        for email in self.emails:
            yield "email", email
        if self.name:
            if phone := self.usable_phone:
                yield "phone", phone, self.name
            if self.company_id is not None:
                yield "company", self.company_id, self.name

    def near(self) -> Iterator[Key]:
        """Values that records which look alike share, among others."""
        if phone := self.usable_phone:
            yield "phone", phone
        if self.place:
            yield "place", self.place
        if self.letters:
            yield "letters", self.letters
        if self.street:
            yield "street", self.street
        if self.house:
            yield "house", self.house
        if self.town:
            yield "town", self.town
        if self.birthday:
            yield "birthday", self.birthday
        if self.company_id is not None and self.initials:
            yield "initials", self.company_id, self.initials

    def near_spellings(self) -> Iterator[Key]:
        """What records that may look alike have: also a date of birth as `birthdays` has it."""
        yield from self.near()
        for birthday in self.birthdays[1:]:
            yield "birthday", birthday

    @property
    def birthdays(self) -> tuple[str, ...]:
        """The key of the date of birth, and others that one person may have."""
        return birthday_spellings(self.birthday, self.initials) if self.birthday else ()


def birthday_spellings(key: str, initials: str | None = None) -> tuple[str, ...]:
    """The key of a date of birth, and the keys that one person may have besides.

    Where there is such a date, day and month may be exchanged; with either initial, since a first or a last
    name may be another one.
    """
    date, _, letter = key.partition("/")
    year, month, day = date[:4], date[4:6], date[6:]
    is_other = month != day and "01" <= day <= _LAST_MONTH
    dates = (date, f"{year}{day}{month}") if is_other else (date,)
    if not letter:
        return dates
    letters = dict.fromkeys((letter, *(initials or "")))
    return tuple(f"{one}/{each}" for each in letters for one in dates)
