"""One API call as handlers see it, and the answer they give."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
from werkzeug.datastructures import MultiDict

from sandbox.calls.auth import Access, Token
from sandbox.calls.errors import invalid
from sandbox.kinds import Kind
from sandbox.store.linking import kind_of
from sandbox.store.portal import Portal
from sandbox.store.table import Table

MAX_INPUTS = 100


class Answer(NamedTuple):
    """A status and what to encode as JSON; None is an empty body."""

    status: int
    body: Any = None


@dataclass(slots=True)
class Call:
    """A request, read as far as its handler needs it."""

    portal: Portal
    access: Access
    version: str
    base_url: str
    path: str
    query: MultiDict[str, str]
    form: MultiDict[str, str]
    raw_body: bytes
    token: Token | None = None
    params: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        """The object type named by the path.

        Raises:
            ApiError: 400, there is no such type here.
        """
        return kind_of(self.params["kind"])

    @property
    def table(self) -> Table:
        """The records of that type."""
        return self.portal.table(self.kind)

    def names(self, key: str) -> str | None:
        """A list in the query, comma separated or repeated, joined by commas; None when absent."""
        found = self.query.getlist(key)
        return ",".join(found) if found else None

    def flag(self, key: str) -> bool:
        """A boolean in the query."""
        return self.query.get(key, "false").lower() == "true"

    def number(self, key: str, default: int, largest: int) -> int:
        """A whole number in the query.

        Raises:
            ApiError: it is none, or not within 1 and `largest`.
        """
        text = self.query.get(key)
        if text is None:
            return default
        if not text.isdecimal() or not 1 <= int(text) <= largest:
            raise invalid(f"{key} must be a number from 1 to {largest}, not {text}")
        return int(text)

    def json(self) -> dict[str, Any]:
        """The body, an object.

        Raises:
            ApiError: it is not JSON or not an object.
        """
        found = self.any_json()
        if not isinstance(found, dict):
            raise invalid("Invalid input JSON on line 1, column 1: an object was expected")
        return found

    def fields(self) -> MultiDict[str, str]:
        """The fields of a form; dated paths take them as JSON too, which the newer client sends."""
        if self.raw_body and self.version in ("2026-03", "2026-09"):
            return MultiDict({name: str(value) for name, value in self.json().items()})
        return self.form

    def any_json(self) -> Any:
        """The body, whatever it is.

        Raises:
            ApiError: it is not JSON.
        """
        try:
            return msgspec.json.decode(self.raw_body)
        except msgspec.DecodeError:
            return self._lenient_json()

    def inputs(self, largest: int = MAX_INPUTS) -> list[dict[str, Any]]:
        """The `inputs` of a batch.

        Raises:
            ApiError: there are too many, or they are no list of objects.
        """
        found = self.json().get("inputs")
        if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
            raise invalid("Invalid input JSON on line 1, column 1: inputs must be a list of objects")
        if len(found) > largest:
            raise invalid(
                f"The maximum number of inputs supported in a batch is {largest}. "
                "Please reduce the number of items and try again"
            )
        return found

    def _lenient_json(self) -> Any:
        # The standard library also takes lone surrogates, which the fast decoder refuses.
        try:
            return json.loads(self.raw_body)
        except json.JSONDecodeError as error:
            raise invalid(
                f"Invalid input JSON on line {error.lineno}, column {error.colno}: {error.msg}"
            ) from error
        except UnicodeDecodeError as error:
            raise invalid(f"Invalid input JSON on line 1, column {error.start}: not UTF-8") from error


Handler = Callable[[Call], Answer]
