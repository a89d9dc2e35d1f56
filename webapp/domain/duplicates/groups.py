"""Groups of possible duplicates: records that pairs connect, without those that people keep apart."""

from collections.abc import Collection, Iterable

from msgspec import Struct

from webapp.domain.duplicates.pairs import Pair

# More records than these side by side help nobody.
MOST_IN_GROUP = 12


class Group(Struct, frozen=True):
    """Records that look alike, in order of their numbers, with the pairs among them, the strongest first."""

    record_ids: tuple[int, ...]
    pairs: tuple[Pair, ...]

    @property
    def is_pair(self) -> bool:
        """Whether it has exactly two records."""
        return len(self.record_ids) == 2  # noqa: PLR2004 - that is what a pair is

    def others(self, record_id: int) -> list[int]:
        """The records beside one of them."""
        return [one for one in self.record_ids if one != record_id]


def groups_of(
    pairs: Iterable[Pair], apart: Collection[tuple[int, int]], most: int = MOST_IN_GROUP
) -> list[Group]:
    """The groups that pairs make, in order of their strongest pair.

    The strongest pairs join first. A pair that would bring two records together which people keep apart, or
    make a group too large, stays a group of its own.

    Args:
        pairs: Open pairs.
        apart: Pairs of numbers, the lower first, that are not the same.
        most: The largest group.
    """
    group_of: dict[int, set[int]] = {}
    alone: list[Pair] = []
    joined: list[Pair] = []
    for pair in sorted(set(pairs), key=_strength):
        one, other = (group_of.get(number, {number}) for number in pair.ids)
        if one is not other and not _may_join(one, other, apart, most):
            alone.append(pair)
            continue
        joined.append(pair)
        together = one | other
        group_of.update(dict.fromkeys(together, together))
    return _in_order(joined, alone, group_of)


def apart_from(group: Iterable[int], record_id: int) -> list[tuple[int, int]]:
    """The pairs that are decided when one record of a group is none of the others."""
    return [(min(one, record_id), max(one, record_id)) for one in group if one != record_id]


def all_apart(group: Collection[int]) -> list[tuple[int, int]]:
    """The pairs that are decided when no record of a group is another one."""
    numbers = sorted(group)
    return [(one, other) for place, one in enumerate(numbers) for other in numbers[place + 1 :]]


def _may_join(one: set[int], other: set[int], apart: Collection[tuple[int, int]], most: int) -> bool:
    if len(one | other) > most:
        return False
    return not any((min(a, b), max(a, b)) in apart for a in one for b in other)


def _in_order(joined: list[Pair], alone: list[Pair], group_of: dict[int, set[int]]) -> list[Group]:
    found: dict[tuple[int, ...], list[Pair]] = {}
    for pair in joined:
        found.setdefault(tuple(sorted(group_of[pair.lower_id])), []).append(pair)
    groups = [Group(numbers, tuple(within)) for numbers, within in found.items()]
    groups += [Group(pair.ids, (pair,)) for pair in alone]
    return sorted(groups, key=lambda group: _strength(group.pairs[0]))


def _strength(pair: Pair) -> tuple[int, int, int]:
    return -pair.points, pair.lower_id, pair.higher_id
