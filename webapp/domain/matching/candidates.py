"""The records that an object may be, found by their keys; what was planned lies over what is stored."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Self

from msgspec import Struct, field
from msgspec.structs import replace

from webapp.domain.matching.frequencies import DEFAULT, Frequencies
from webapp.domain.matching.keys import Key, Keys

MOST_OF_A_KEY = 40
"""As many records as one key may bring: a number that thousands share says nothing of any of them."""
MOST_OF_LETTERS = 5
"""The same of the letters of a name: one that more have is found by what else they share."""


class Candidate(Struct, frozen=True):
    """A record here that may be the same. `linked_to` is the object of its link, which is in that state."""

    record_id: int
    keys: Keys
    linked_to: str | None = None
    link_state: str = "linked"

    def is_free_for(self, remote_id: str) -> bool:
        """Whether the record may be linked to this object: it has no link with another one."""
        return self.linked_to in (None, remote_id)


class CandidateIndex(Struct):
    """Records by their keys. What is added to an index that is laid over another one is not in that one.

    `frequencies` are those by which their values are weighed; `has_near` says that some are found by mere
    likeness. `sought` are the only keys that anybody will ask for; None where that is not known.
    """

    known: dict[int, Candidate] = field(default_factory=dict)
    by_own_key: dict[str, int] = field(default_factory=dict)
    by_key: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))
    has_near: bool = False
    under: "CandidateIndex | None" = None
    frequencies: Frequencies = DEFAULT
    sought: frozenset[Key] | None = None

    @classmethod
    def for_keys_of(cls, some: Iterable[Keys]) -> Self:
        """An index for those who have these keys: it keeps no other keys of the records."""
        return cls(sought=frozenset(key for keys in some for key in (*keys.exact(), *keys.near_spellings())))

    def laid_over(self) -> "CandidateIndex":
        """A copy of the index, to which candidates can be added without changing this one."""
        return CandidateIndex(under=self, frequencies=self.frequencies)

    def get(self, record_id: int) -> Candidate | None:
        """The record with this number."""
        found = self.known.get(record_id)
        return self.under.get(record_id) if found is None and self.under is not None else found

    def with_own_key(self, own_key: str) -> Candidate | None:
        """The record whose uuid this is."""
        number = self.by_own_key.get(own_key)
        if number is not None:
            return self.get(number)
        return self.under.with_own_key(own_key) if self.under is not None else None

    def add(self, candidate: Candidate) -> None:
        """Make a record findable; adding it again changes nothing.

        Two objects of one portal may well look alike, so a linked record is found by what is exact alone.
        """
        number, keys = candidate.record_id, candidate.keys
        if self.get(number) is not None:
            return
        self.known[number] = candidate
        if keys.own_key:
            self.by_own_key[keys.own_key] = number
        self._enter(number, keys.exact())
        if candidate.linked_to is None:
            self.has_near = True
            self._enter(number, keys.near())

    def _enter(self, number: int, keys: Iterable[Key]) -> None:
        sought = self.sought
        for key in keys:
            if sought is None or key in sought:
                self.by_key[key].append(number)

    def become(self, candidate: Candidate, *, gone_email: str | None = None) -> None:
        """Make a record findable as it will be, and still as it was but for the address that it loses."""
        known = self.get(candidate.record_id)
        if known is None:
            self.add(candidate)
            return
        self._enter(known.record_id, candidate.keys.exact())
        keys = replace(
            known.keys,
            emails=(known.keys.emails - {gone_email}) | candidate.keys.emails,
            further_domains=known.keys.further_domains | candidate.keys.domains,
            values={**known.keys.values, **candidate.keys.values},
            traits=None,
            names=None,
        )
        self.known[known.record_id] = replace(candidate, keys=keys)

    def like(self, keys: Keys) -> dict[int, Candidate]:
        """The records that share a key, by number."""
        found = self._with_one_of(keys.exact())
        if not self.has_any_near:
            return found
        near = self._with_one_of(keys.near_spellings())
        return found | {number: one for number, one in near.items() if one.linked_to is None}

    def is_crowded(self, keys: Keys) -> bool:
        """Whether there may be further records that look alike, beyond those that a key may bring."""
        return self.has_any_near and any(self._is_cut(key) for key in keys.near_spellings())

    def brought_whole(self, keys: Keys) -> set[int]:
        """The records that share a key of which there are no others: whoever else has it is among them."""
        some = (*keys.exact(), *keys.near_spellings())
        return {number for key in some if not self._is_cut(key) for number in self._numbers(key)}

    @property
    def has_any_near(self) -> bool:
        """Whether any record is found by mere likeness."""
        return self.has_near or (self.under is not None and self.under.has_near)

    def _is_cut(self, key: Key) -> bool:
        return len(self._numbers(key)) >= _most_of(key)

    def _with_one_of(self, keys: Iterable[Key]) -> dict[int, Candidate]:
        found: dict[int, Candidate] = {}
        numbers_here = self.by_key
        numbers_under = self.under.by_key if self.under is not None else {}
        for key in keys:
            # Of nearly every key there is nobody.
            if key in numbers_here or key in numbers_under:
                for number in self._numbers(key):
                    if (one := self.get(number)) is not None:
                        found[number] = one
        return found

    def _numbers(self, key: Key) -> Sequence[int]:
        # Others of a page may have brought more of a key than its own look-up has, and are not met by it.
        most = _most_of(key)
        here = self.by_key.get(key, ())[:most]
        under = self.under.by_key.get(key, ())[:most] if self.under is not None else ()
        return (*here, *under) if here and under else here or under


def _most_of(key: Key) -> int:
    return MOST_OF_LETTERS if key[0] == "letters" else MOST_OF_A_KEY
