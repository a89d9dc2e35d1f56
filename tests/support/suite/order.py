"""In which order the processes of a run work the tests off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

# The last long test begins when so much of the others is done: its end is not waited for alone.
_LONG_WITHIN = 0.6


def long_early(
    tests: Sequence[T], workers: int, *, is_long: Callable[[T], object], module_of: Callable[[T], Hashable]
) -> list[T]:
    """What waits half a minute does so while others work, neither beside its like nor alone at the end.

    Each worker is first given its share of the list, as a piece of it. The long tests of a module stay
    together in one of them, for what they have in common.

    Args:
        tests: All of them.
        workers: How many processes there are.
        is_long: Whether a test waits for long.
        module_of: By what a test shares something with others.
    """
    long = [one for one in tests if is_long(one)]
    others = iter([one for one in tests if not is_long(one)])
    ordered: list[T] = []
    for number, groups in enumerate(_shared_out(long, workers, module_of)):
        share = (len(tests) - len(ordered)) // (workers - number)
        between = list(islice(others, max(0, share - sum(map(len, groups)))))
        ordered += _spread(groups, between, number / workers)
    return [*ordered, *others]


def _shared_out(tests: Sequence[T], workers: int, module_of: Callable[[T], Hashable]) -> list[list[list[T]]]:
    """For each worker the modules that it gets, whole, of about as many tests as each other's."""
    modules: defaultdict[Hashable, list[T]] = defaultdict(list)
    for test in tests:
        modules[module_of(test)].append(test)
    shares: list[list[list[T]]] = [[] for _ in range(workers)]
    for module in sorted(modules.values(), key=len, reverse=True):
        min(shares, key=lambda share: sum(map(len, share))).append(module)
    return shares


def _spread(groups: list[list[T]], others: list[T], first: float) -> list[T]:
    """The groups at equal distances in the first part of the others, from a part of a distance on."""
    distance = _LONG_WITHIN * len(others) / max(1, len(groups))
    spread: list[T] = []
    done = 0
    for number, group in enumerate(groups):
        begins = int((number + first) * distance)
        spread += [*others[done:begins], *group]
        done = begins
    return spread + others[done:]
