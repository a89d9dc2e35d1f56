"""Lists in HubSpot's answers, decoded so that one odd item does not take the others with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def one_by_one(items: Iterable[Any], kind: type[T]) -> tuple[list[T], list[tuple[Any, str]]]:
    """The items that are as they should be, and the others, each with what does not fit."""
    fitting: list[T] = []
    odd: list[tuple[Any, str]] = []
    for item in items:
        try:
            fitting.append(msgspec.convert(item, kind))
        except msgspec.ValidationError as error:
            odd.append((item, str(error)))
    return fitting, odd
