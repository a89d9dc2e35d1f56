"""Anything at all, for hypothesis: texts of every character there is, values of every shape that JSON has."""

from __future__ import annotations

import json
from typing import Any

import requests
from hypothesis import strategies as st

# Halves of surrogate pairs and NUL included; numbers of any length.
texts = (
    st.text(st.characters(exclude_categories=()))
    | st.from_regex(r"[0-9 +()./-]{1,40}")
    | st.text('\0a1@.,;"\n')
    # More digits than Python reads as a number.
    | st.sampled_from(["9" * 5_000, "0" * 5_000 + "1", "-" + "9" * 5_000, "\u0663\u0664"])
)
plain = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=12)
DEEP = b"[" * 20_000 + b"]" * 20_000
HUGE = 10**30


def as_json(value: Any) -> bytes:
    """A value as the body of a request or an answer."""
    return json.dumps(value).encode()


def answer(content: bytes, status: int = 200) -> requests.Response:
    """An answer of HubSpot's with this body."""
    made = requests.Response()
    made.status_code, made._content = status, content
    return made
