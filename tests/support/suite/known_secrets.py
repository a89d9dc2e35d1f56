"""What a secret is to the suite, without a list of them.

Three kinds are known: what was made by chance, by a mark in its first bytes (`marked_secrets`); what people,
operators and HubSpot give, by being remembered where it enters the product; and what says by its shape what
it is, such as all that the key of sessions has signed.
"""

from __future__ import annotations

import base64
import re
import runpy
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from html import unescape
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import hypothesis
from argon2 import PasswordHasher

from tests.support.applications.app import MARKED
from webapp.settings import SECRETS, Settings
from webapp.usecases.connection.keys import TEXT as PROOF
from webapp.vault import Vault

# What is shorter, or of fewer signs, stands in a text by chance.
_SHORTEST, _FEWEST_SIGNS = 8, 4
_SHAPES = {
    # itsdangerous: the payload, the time, the signature.
    "a signed cookie or form token": re.compile(
        r"(?<![\w-])[\w-]{8,}\.[\w-]{6}\.[\w-]{27}(?![\w.-])", re.ASCII
    ),
    "an access token": re.compile(r"pat-[a-z]{2}\d-[\w-]{8,}", re.ASCII),
    # 32 bytes, as keys and the signatures of webhook events have.
    "a signature or key": re.compile(
        r"(?<![\w+-])[\w+/-]{43}=(?![\w+=])|(?<![\da-fA-F])[\da-f]{64}(?![\da-fA-F])", re.ASCII
    ),
}
_MARK: bytes = runpy.run_path(str(MARKED / "sitecustomize.py"))["MARK"]
# The mark alone, as hexadecimal digits and in base64; a text in base64 is read as one anyway.
_MARKED = (_MARK.decode(), _MARK.hex(), base64.b64encode(_MARK).decode())
_ENCODED = re.compile(r"[\w+/-]{16,}", re.ASCII)
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))")

_known: dict[str, str] = {}


def remember(kind: str, value: str) -> None:
    """Remember that this is a secret."""
    # What Hypothesis thinks up as one may be any text at all, and a row of nines stands in other tests too.
    is_own = len(value) >= _SHORTEST and len(set(value)) >= _FEWEST_SIGNS
    if is_own and not hypothesis.currently_in_test_context():
        _known[value] = kind


def remember_given() -> None:
    """From now on remember every secret setting, password, kept token and signature of this process."""
    _after(Settings, "__init__", lambda settings, *_, **__: _remember_settings(settings))
    _after(PasswordHasher, "hash", lambda _, password: remember("a password", password))
    _after(PasswordHasher, "verify", lambda _, __, password: remember("a password", password))
    _after(Vault, "seal", lambda _, secret: None if secret == PROOF else remember("a token", secret))


def kinds_in(text: str) -> set[str]:
    """Which kinds of secrets stand in a text, plainly or encoded."""
    return {kind for reading in _readings(text) for kind in _plainly_in(reading)}


def _plainly_in(text: str) -> Iterator[str]:
    if any(mark in text for mark in _MARKED):
        yield "a secret made by chance"
    yield from (kind for value, kind in _known.items() if value in text)
    yield from (kind for kind, shape in _SHAPES.items() if shape.search(text))


def _readings(text: str) -> Iterator[str]:
    """A text, and what it says to whoever decodes it: addresses, forms, HTML, JSON, base64."""
    yield text
    meant = text
    for signs, decoded in (("%+", unquote_plus), ("&", unescape), ("\\", _unescaped)):
        if any(sign in meant for sign in signs):
            meant = decoded(meant)
    if meant != text:
        yield meant
    yield "\n".join(_decoded(_ENCODED.findall(meant)))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda one: one[3] or chr(int(one[1] or one[2], 16)), text)


def _decoded(runs: Iterable[str]) -> Iterator[str]:
    """Runs of letters as base64, wherever in them it begins."""
    for run in set(runs):
        letters = run.replace("-", "+").replace("_", "/")
        for begin in range(4):
            part = letters[begin : len(letters) - ((len(letters) - begin) % 4 == 1)]
            yield base64.b64decode(part + "=" * (-len(part) % 4)).decode("latin-1")


def _remember_settings(settings: Settings) -> None:
    for name in SECRETS:
        given = getattr(settings, name)
        for value in given if isinstance(given, tuple) else (given,):
            remember(name.upper(), _proof_in(value) if "://" in value else value)


def _proof_in(address: str) -> str:
    """What proves in an address who asks: a password, or the name where nothing else does, as in a DSN."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    return parts.password or (parts.scheme in ("http", "https") and parts.username) or ""


def _after(owner: Any, name: str, then: Callable[..., None]) -> None:
    """Have something done with the arguments of a call, once it has worked or failed."""
    before = getattr(owner, name)

    @wraps(before)
    def called(*given: Any, **named: Any) -> Any:
        try:
            return before(*given, **named)
        finally:
            then(*given, **named)

    setattr(owner, name, called)
