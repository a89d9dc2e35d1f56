"""The base of the groups of calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from webapp.errors import TwinbookError
from webapp.hubspot.batches import MOST_INPUTS
from webapp.hubspot.errors import GatewayTrouble, HubSpotError, WaitLonger
from webapp.hubspot.http.decoding import Decoder
from webapp.hubspot.http.limits import Kind
from webapp.hubspot.http.paths import Version, path
from webapp.hubspot.http.transport import Call, Transport

T = TypeVar("T")

_anything = msgspec.json.Decoder(Any)


class Calls:
    """A group of calls that go through one transport.

    `is_stuck`: whether waiting has not helped so far, so that one object may be why HubSpot fails.
    """

    def __init__(self, transport: Transport, version: Version, *, is_stuck: bool = False) -> None:
        self._transport = transport
        self._version = version
        self.is_stuck = is_stuck

    def _path(self, family: str, **parts: str) -> str:
        return path(self._version, family, **parts)

    def _get(self, path_: str, query: Mapping[str, str | int], decoder: Decoder[T]) -> T:
        return self._send(Call("GET", path_, query), decoder)

    def _ask(
        self,
        path_: str,
        body: Any,
        decoder: Decoder[T],
        *,
        query: Mapping[str, str | int] | None = None,
        kind: Kind = "burst",
    ) -> T:
        """A POST that changes nothing."""
        return self._send(Call("POST", path_, query or {}, body, kind), decoder)

    def _write(self, path_: str, body: Any, decoder: Decoder[T], *, is_repeatable: bool = True) -> T:
        """A POST that changes something."""
        call = Call("POST", path_, body=body, is_write=True, is_repeatable=is_repeatable)
        return self._send(call, decoder)

    def _send(self, call: Call, decoder: Decoder[T]) -> T:
        try:
            return self._transport.send(call, decoder)
        except HubSpotError as error:
            error.may_be_of_content = self._is_suspect(error, call) and self._is_open()
            raise
        except WaitLonger as wait:
            if wait.cause is None or not (self._is_suspect(wait.cause, call) and self._is_open()):
                raise
            wait.cause.may_be_of_content = True
            raise wait.cause from wait

    def _is_suspect(self, error: HubSpotError, call: Call) -> bool:
        """Whether what the call is about may be the cause.

        So it may be of a 500 where waiting has not helped, but for several objects that would be made twice.
        """
        is_safe = call.is_repeatable or not call.is_write or call.inputs == 1
        return error.is_unexplained or (self.is_stuck and is_safe and isinstance(error, GatewayTrouble))

    def _is_open(self) -> bool:
        """Whether HubSpot answers another call, which is about no certain record."""
        try:
            self._transport.send(Call("GET", self._path("objects", type="contacts"), {"limit": 1}), _anything)
        except TwinbookError:
            return False
        return True

    def _batch(self, object_type: str, verb: str, keys: Sequence[str]) -> str:
        """The path of a batch.

        Raises:
            ValueError: More inputs than HubSpot takes at once.
        """
        if len(keys) > MOST_INPUTS:
            raise ValueError(f"{len(keys)} inputs, of which HubSpot takes {MOST_INPUTS}")
        return self._path("objects_batch", type=object_type, verb=verb)
