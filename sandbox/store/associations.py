"""Associations: for each pair of records the set of type ids, kept from both sides."""

from dataclasses import dataclass

PRIMARY = {"contacts": 1, "companies": 2}
CHILD, PARENT = 13, 14
Pairs = dict[int, dict[int, tuple[int, ...]]]


@dataclass(frozen=True)
class AssociationType:
    """One direction of an association type."""

    type_id: int
    from_kind: str
    to_kind: str
    inverse_id: int
    name: str  # as list answers call it
    label: str | None
    category: str = "HUBSPOT_DEFINED"


BUILTIN = (
    AssociationType(1, "contacts", "companies", 2, "contact_to_company", "Primary"),
    AssociationType(2, "companies", "contacts", 1, "company_to_contact", "Contact with Primary Company"),
    AssociationType(279, "contacts", "companies", 280, "contact_to_company_unlabeled", None),
    AssociationType(280, "companies", "contacts", 279, "company_to_contact_unlabeled", None),
    AssociationType(931, "contacts", "companies", 930, "billing_contact_to_company", "Billing contact"),
    AssociationType(930, "companies", "contacts", 931, "company_to_billing_contact", "Billing contact"),
    AssociationType(450, "companies", "companies", 450, "company_to_company_unlabeled", None),
    AssociationType(CHILD, "companies", "companies", PARENT, "parent_to_child_company", "Child Company"),
    AssociationType(PARENT, "companies", "companies", CHILD, "child_to_parent_company", "Parent Company"),
    AssociationType(449, "contacts", "contacts", 449, "contact_to_contact_unlabeled", None),
)
UNLABELED = {
    ("contacts", "companies"): 279,
    ("companies", "contacts"): 280,
    ("companies", "companies"): 450,
    ("contacts", "contacts"): 449,
}


class Associations:
    """All associations of the portal, and the types they may have."""

    def __init__(self) -> None:
        self.types: dict[int, AssociationType] = {entry.type_id: entry for entry in BUILTIN}
        self.names: dict[int, str] = {entry.type_id: entry.name for entry in BUILTIN}
        self.pairs: dict[tuple[str, str], Pairs] = {ends: {} for ends in UNLABELED}
        self._next_label_id = 41

    def of(self, kind: str, number: int, to_kind: str) -> dict[int, tuple[int, ...]]:
        """What a record is associated with: number of the other to type ids, primary first."""
        return self.pairs[kind, to_kind].get(number, {})

    def primary_company(self, contact: int) -> int | None:
        """The number of a contact's primary company."""
        for company, types in self.of("contacts", contact, "companies").items():
            if PRIMARY["contacts"] in types:
                return company
        return None

    def family(self, company: int, type_id: int) -> list[int]:
        """The numbers of a company's `CHILD` companies, or of its `PARENT` one."""
        others = self.of("companies", company, "companies")
        return [other for other, types in others.items() if type_id in types]

    def add(self, ends: tuple[str, str], one: int, other: int, types: set[int]) -> bool:
        """Add types to a pair, the unlabeled one with them; True when something changed.

        A new primary takes the label from the former one.
        """
        former = self.pairs[ends].get(one, {}).get(other, ())
        kept = set(former) | types | {UNLABELED[ends]}
        self._keep_one_primary(ends, one, other, kept)
        return self._put(ends, one, other, kept)

    def replace(self, ends: tuple[str, str], one: int, other: int, types: set[int]) -> bool:
        """Make these the labels of a pair; the unlabeled type stays."""
        kept = types | {UNLABELED[ends]}
        self._keep_one_primary(ends, one, other, kept)
        return self._put(ends, one, other, kept)

    def remove_types(self, ends: tuple[str, str], one: int, other: int, types: set[int]) -> bool:
        """Take types from a pair; taking the unlabeled one ends the association."""
        former = self.pairs[ends].get(one, {}).get(other)
        if former is None:
            return False
        left = set() if UNLABELED[ends] in types else set(former) - types
        return self._put(ends, one, other, left)

    def remove_all(self, kind: str, number: int) -> list[tuple[str, int]]:
        """End every association of a record; answers with the other ends."""
        others = [
            (to_kind, other)
            for (from_kind, to_kind), pairs in self.pairs.items()
            if from_kind == kind
            for other in pairs.get(number, ())
        ]
        for to_kind, other in others:
            self._put((kind, to_kind), number, other, set())
        return others

    def add_label(self, ends: tuple[str, str], label: str, name: str) -> list[AssociationType]:
        """Define a label of the portal's own, in both directions."""
        one, other = self._next_label_id, self._next_label_id + 1
        self._next_label_id += 2
        made = [
            AssociationType(one, ends[0], ends[1], other, name, label, "USER_DEFINED"),
            AssociationType(other, ends[1], ends[0], one, name, label, "USER_DEFINED"),
        ]
        for entry in made:
            self.types[entry.type_id] = entry
            self.names[entry.type_id] = entry.name
        return made

    def _keep_one_primary(self, ends: tuple[str, str], one: int, other: int, kept: set[int]) -> None:
        contact, company = (one, other) if ends[0] == "contacts" else (other, one)
        if PRIMARY.get(ends[0]) not in kept or ends[0] == ends[1]:
            return
        former = self.primary_company(contact)
        if former is not None and former != company:
            self.remove_types(("contacts", "companies"), contact, former, {PRIMARY["contacts"]})

    def _put(self, ends: tuple[str, str], one: int, other: int, types: set[int]) -> bool:
        former = self.pairs[ends].get(one, {}).get(other, ())
        if set(former) == types:
            return False
        _set(self.pairs[ends], one, other, tuple(sorted(types, key=_primary_first)))
        back = {self.types[type_id].inverse_id for type_id in types}
        _set(self.pairs[ends[1], ends[0]], other, one, tuple(sorted(back, key=_primary_first)))
        return True


def _set(pairs: Pairs, one: int, other: int, types: tuple[int, ...]) -> None:
    if types:
        pairs.setdefault(one, {})[other] = types
        return
    found = pairs.get(one)
    if found is not None:
        found.pop(other, None)
        if not found:
            del pairs[one]


def _primary_first(type_id: int) -> tuple[bool, int]:
    return type_id not in (1, 2), type_id
