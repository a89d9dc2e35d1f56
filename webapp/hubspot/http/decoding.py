"""Decodes bodies straight into structs, mends text that strict JSON refuses, and sets odd items apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from math import isfinite
from typing import Any, Generic, Protocol, TypeVar

import msgspec
import requests

from webapp.hubspot.errors import MalformedAnswer

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Decoder(Protocol[T_co]):
    """Makes a body the type that a call returns."""

    def decode(self, content: bytes, /) -> T_co:
        """The body as that type.

        Raises:
            msgspec.ValidationError: It is JSON of another shape.
            msgspec.DecodeError: It is no JSON.
        """


_NUL = b"\\u0000"
# No count and no id has more; more than 4,300 Python refuses to read, and the whole body with them.
_MOST_DIGITS = 400
_IDS = ("id", "after")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def decoded(content: bytes, decoder: Decoder[T], response: requests.Response) -> T:
    """The body as the decoder's type, without NUL characters: values imported by people do contain them.

    Neither side's database can hold one, so no value is compared with one either.

    Args:
        content: The body, or `null` where the answer has none.
        decoder: For the type that the call returns.
        response: Where the body came from, for the error.

    Raises:
        MalformedAnswer: The body is no JSON or not of that type.
    """
    if _NUL in content:
        content = _without_nul(content)
    try:
        return decoder.decode(content)
    except msgspec.ValidationError as error:
        raise _malformed(response, f"The answer does not have the expected shape: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return decoder.decode(_mended(content))
    except (ValueError, msgspec.DecodeError, RecursionError) as error:
        raise _malformed(response, "The answer is not JSON.") from error


def _without_nul(content: bytes) -> bytes:
    """The content without NULs; one behind an odd number of backslashes is a text that somebody typed."""
    *before, rest = content.split(_NUL)
    kept = [one + _NUL if (len(one) - len(one.rstrip(b"\\"))) % 2 else one for one in before]
    return b"".join((*kept, rest))


def _mended(content: bytes) -> bytes:
    """Replaces broken characters by U+FFFD: values typed or imported by people do contain them.

    Numbers that no machine can hold become texts: they then concern the value that they stand for alone.

    Raises:
        ValueError: The content is no JSON.
    """
    value = json.loads(
        content.decode("utf-8", "replace"), parse_float=_held, parse_int=_counted, parse_constant=str
    )
    text = json.dumps(value, ensure_ascii=False)
    return _LONE_SURROGATE.sub("\ufffd", text).encode()


def _held(number: str) -> float | str:
    return value if isfinite(value := float(number)) else number


def _counted(number: str) -> int | str:
    return int(number) if len(number) <= _MOST_DIGITS else number


def _malformed(response: requests.Response, message: str) -> MalformedAnswer:
    return MalformedAnswer(
        message,
        status=response.status_code,
        correlation_id=response.headers.get("x-hubspot-correlation-id"),
    )


def plain_json(content: bytes) -> Any:
    """The content as Python reads it, numbers that no machine can hold included.

    Raises:
        msgspec.DecodeError: It is no JSON.
    """
    try:
        return json.loads(content, parse_int=_counted)
    except ValueError as error:
        raise msgspec.DecodeError(str(error)) from error


def with_text_ids(value: Any) -> Any:
    """The same, with texts for ids and cursors that came as numbers: no doubt is which are meant."""
    if isinstance(value, list):
        return [with_text_ids(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: str(part)
        if name in _IDS and isinstance(part, int) and not isinstance(part, bool)
        else with_text_ids(part)
        for name, part in value.items()
    }


class LenientDecoder(Generic[T]):
    """Decodes an answer whose ids and cursors may be numbers."""

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind
        self._strict = msgspec.json.Decoder(kind)

    def decode(self, content: bytes) -> T:
        """The answer.

        Raises:
            msgspec.ValidationError: It is odd otherwise.
            msgspec.DecodeError: The content is no JSON.
        """
        try:
            return self._strict.decode(content)
        except msgspec.ValidationError:
            return msgspec.convert(with_text_ids(plain_json(content)), self._kind)


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
