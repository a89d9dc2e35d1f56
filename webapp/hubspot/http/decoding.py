"""Decodes bodies straight into structs, and mends the text that strict JSON decoding refuses."""

from __future__ import annotations

import json
import re
from typing import TypeVar

import msgspec
import requests

from webapp.hubspot.errors import MalformedAnswer

T = TypeVar("T")

# With an even number of backslashes before it, it is a backslash that somebody typed.
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def decoded(content: bytes, decoder: msgspec.json.Decoder[T], response: requests.Response) -> T:
    """The body as the decoder's type, without NUL characters: values imported by people do contain them.

    Neither side's database can hold one, so no value is compared with one either.

    Args:
        content: The body, or `null` where the answer has none.
        decoder: For the type that the call returns.
        response: Where the body came from, for the error.

    Raises:
        MalformedAnswer: The body is no JSON or not of that type.
    """
    if b"\\u0000" in content:
        content = _NUL.sub(rb"\1", content)
    try:
        return decoder.decode(content)
    except msgspec.ValidationError as error:
        raise _malformed(response, f"The answer does not have the expected shape: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        return decoder.decode(_mended(content))
    except (ValueError, msgspec.DecodeError) as error:
        raise _malformed(response, "The answer is not JSON.") from error


def _mended(content: bytes) -> bytes:
    """Replaces broken characters by U+FFFD: values typed or imported by people do contain them.

    Raises:
        ValueError: The content is no JSON.
    """
    value = json.loads(content.decode("utf-8", "replace"))
    text = json.dumps(value, ensure_ascii=False)
    return _LONE_SURROGATE.sub("\ufffd", text).encode()


def _malformed(response: requests.Response, message: str) -> MalformedAnswer:
    return MalformedAnswer(
        message,
        status=response.status_code,
        correlation_id=response.headers.get("x-hubspot-correlation-id"),
    )
