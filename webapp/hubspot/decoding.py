"""Decodes bodies straight into structs, and mends the text that strict JSON decoding refuses."""

from __future__ import annotations

import json
import re
from typing import TypeVar

import msgspec
import requests

from webapp.hubspot.errors import MalformedAnswer

T = TypeVar("T")

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def decoded(content: bytes, decoder: msgspec.json.Decoder[T], response: requests.Response) -> T:
    """The body as the decoder's type.

    Args:
        content: The body, or `null` where the answer has none.
        decoder: For the type that the call returns.
        response: Where the body came from, for the error.

    Raises:
        MalformedAnswer: The body is no JSON or not of that type.
    """
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
