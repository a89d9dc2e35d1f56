"""How the text of each setting is read: its value, or a ValueError that says what would fit."""

import ipaddress
import re
from collections.abc import Callable
from email.utils import getaddresses
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from cryptography.fernet import Fernet

API_VERSIONS = ("v3", "2026-03", "2026-09")

_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?\.?")
_PLAIN_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")
_NUMBER_OF_DATABASE = re.compile(r"(/[0-9]{0,5})?")
_MAIL_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_PROJECT = re.compile(r"/(\S+/)?[0-9]+")
# More digits than any setting has; Python refuses to read thousands of them, in words of its own.
_MOST_DIGITS = 9


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A reader of whole numbers."""

    def parse(text: str) -> int:
        is_number = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
        if not is_number or not lowest <= int(text) <= highest:
            raise ValueError(f"a whole number from {lowest} to {highest}")
        return int(text)

    return parse


def keys(text: str) -> tuple[str, ...]:
    """One or more keys for tokens."""
    found = tuple(key.strip() for key in text.split(",") if key.strip())
    try:
        for key in found:
            Fernet(key.encode())
    except ValueError:
        found = ()
    if not found:
        raise ValueError("32 random bytes in URL-safe base64; several keys joined by commas")
    return found


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ValueError("a folder; ~NAME is the home of nobody on this machine") from None


def _url(text: str) -> str:
    parts = _address(text, "an address such as https://example.com")
    return urlunsplit(parts)


def _public_url(text: str) -> str:
    fits = "an address such as https://example.com or https://example.com/book"
    parts = _address(text, fits)
    if not _PLAIN_PATH.fullmatch(parts.path):
        raise ValueError(fits)
    return urlunsplit(parts)


def _address(text: str, fits: str) -> SplitResult:
    """The parts of a web address, scheme and host in small letters, without a slash at its end."""
    if not text.isascii():
        raise ValueError(f"{fits}, a name with other letters in the form that begins with xn--")
    try:
        parts = urlsplit(text)
        has_port = parts.port != 0
    except ValueError:
        raise ValueError(fits) from None
    is_whole = has_port and parts.scheme in ("http", "https") and _is_host(parts.hostname or "")
    if not is_whole or parts.username is not None or parts.query or parts.fragment or " " in text:
        raise ValueError(fits)
    return parts._replace(netloc=parts.netloc.lower().removesuffix(":"), path=parts.path.rstrip("/"))


def _is_host(name: str) -> bool:
    if _HOST.fullmatch(name):
        return True
    try:
        return bool(ipaddress.ip_address(name))
    except ValueError:
        return False


def _database_url(text: str) -> str:
    from sqlalchemy import make_url  # noqa: PLC0415 - whoever starts the others needs none of it
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415 - the same

    fits = (
        "sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME, "
        "where @ : / and % of a password are written as %40 %3A %2F and %25"
    )
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError(fits) from None
    if url.drivername == "sqlite":
        # Without a path it would be in the memory of each process alone.
        is_whole = bool(url.database) and url.database != ":memory:" and not url.host
    else:
        is_whole = url.drivername in ("postgresql", "postgresql+psycopg") and "@" not in (url.host or "")
    if not is_whole:
        raise ValueError(fits)
    return text


def _redis_url(text: str) -> str:
    from redis.connection import ConnectionPool  # noqa: PLC0415 - as above
    from redis.exceptions import RedisError  # noqa: PLC0415 - as above

    fits = "redis://HOST:PORT/0, rediss://… or unix://PATH"
    try:
        parts = urlsplit(text)
        # It connects to nobody yet, and refuses options that it does not know.
        ConnectionPool.from_url(text).make_connection()
    except (ValueError, TypeError, RedisError):
        raise ValueError(fits) from None
    # A name in place of the number would be passed over.
    if parts.scheme != "unix" and not _NUMBER_OF_DATABASE.fullmatch(parts.path):
        raise ValueError(fits)
    return text


def _api_version(text: str) -> str:
    if text not in API_VERSIONS:
        raise ValueError(" or ".join(API_VERSIONS))
    return text


def _mail_server(text: str) -> str:
    if not _is_host(text):
        raise ValueError("the name of a server alone, such as mail.example.com; its port is MAIL_PORT")
    return text


def _mail_sender(text: str) -> str:
    found = getaddresses([text])
    if len(found) != 1 or not found[0][1].isascii() or not _MAIL_ADDRESS.fullmatch(found[0][1]):
        raise ValueError("an address such as twinbook@example.com or Twinbook <twinbook@example.com>")
    return text


def _dsn(text: str) -> str:
    fits = "the DSN that Sentry shows for a project, such as https://KEY@HOST/NUMBER"
    try:
        parts = urlsplit(text)
        is_whole = parts.port != 0 and parts.scheme in ("http", "https") and bool(parts.username)
    except ValueError:
        raise ValueError(fits) from None
    if not is_whole or not parts.hostname or not _PROJECT.fullmatch(parts.path):
        raise ValueError(fits)
    return text


def _share(text: str) -> float:
    try:
        share = float(text.rstrip("% ")) / 100 if "%" in text else float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share < 1:
        raise ValueError("a share such as 10 % or 0.1, below 100 %")
    return share


def _switch(text: str) -> bool:
    lowered = text.lower()
    if lowered not in ("1", "0", "true", "false", "yes", "no", "on", "off"):
        raise ValueError("on or off")
    return lowered in ("1", "true", "yes", "on")


READERS: dict[str, Callable[[str], Any]] = {
    "instance_path": _path,
    "encryption_key": keys,
    "database_url": _database_url,
    "database_prepared_statements": _switch,
    "redis_url": _redis_url,
    "public_url": _public_url,
    "hubspot_api_url": _url,
    "hubspot_app_url": _url,
    "hubspot_api_version": _api_version,
    "hubspot_rate_limit": whole(1, 100_000),
    "hubspot_daily_reserve": _share,
    "mail_server": _mail_server,
    "mail_port": whole(1, 65_535),
    "mail_use_tls": _switch,
    "mail_default_sender": _mail_sender,
    "log_retention_days": whole(1, 3_650),
    "audit_retention_days": whole(1, 36_500),
    "reconcile_minutes": whole(1, 1_440),
    "webhook_accept_v1": _switch,
    "trusted_proxies": whole(0, 10),
    "sentry_dsn": _dsn,
}
"""By the setting's name in lower case; the text of any other is its value."""
