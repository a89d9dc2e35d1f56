"""Sessions whose answers are whole within a minute, or given up.

`requests` limits how long one waits to connect, and between two parts of an answer. One that comes byte by
byte would keep its caller for hours: a thread, a run's slice, or somebody's page.
"""

from __future__ import annotations

import time
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from socket import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

WHOLE_S = 60.0
"""How long an answer may take, from the request to its last byte."""


def new_session(*, kept: int = 1) -> requests.Session:
    """A session that keeps so many connections to each host."""
    session = _AtHome()
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(pool_connections=kept, pool_maxsize=2 * kept, max_retries=0))
    return session


class _AtHome(requests.Session):
    """Follows no answer to another host: what is read there would be taken for HubSpot's."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Where an answer leads to, if that is where it came from."""
        try:
            target = super().get_redirect_target(resp)
            is_same = target is not None and urlsplit(urljoin(resp.url, target))[:2] == urlsplit(resp.url)[:2]
        except ValueError:
            # No address at all, or no text.
            return None
        return target if is_same else None


class _Adapter(HTTPAdapter):
    """Opens connections that wait for whole answers, with and without a proxy."""

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        super().init_poolmanager(*given, **named)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **named: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **named)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _POOLS
        return manager


class _Answer(HTTPResponse):
    """An answer that is read until its time is over, head and body alike."""

    def __init__(self, sock: socket, *given: Any, **named: Any) -> None:
        super().__init__(sock, *given, **named)
        self.fp = BufferedReader(_InTime(sock, self.fp.detach()))


class _InTime(RawIOBase):
    """The bytes of a connection; each wait ends with the time of the whole at the latest."""

    def __init__(self, sock: socket, bytes_of: Any) -> None:
        self._sock = sock
        self._bytes = bytes_of
        self._pause_s = sock.gettimeout()
        self._ends_at_s = time.monotonic() + WHOLE_S

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return int(self._bytes.fileno())

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        left_s = self._ends_at_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the answer does not come to an end")
        self._sock.settimeout(left_s if self._pause_s is None else min(self._pause_s, left_s))
        read: int | None = self._bytes.readinto(buffer)
        return read

    def close(self) -> None:
        self._bytes.close()
        super().close()


class _Connection(HTTPConnection):
    response_class = _Answer


class _TlsConnection(HTTPSConnection):
    response_class = _Answer


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


_POOLS = {"http": _Pool, "https": _TlsPool}
