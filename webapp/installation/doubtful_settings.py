"""Settings that are refused or warned of at start, although every value is of its kind.

Refused is what gives away tokens or sessions of an installation that others reach; one that only this machine
reaches is free to try things out.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import fields
from difflib import get_close_matches
from typing import Literal
from urllib.parse import urlsplit

import structlog
from msgspec import Struct

from webapp.errors import SettingsError
from webapp.installation import logs, private_files
from webapp.settings import Settings, given_names, load_settings

_SHORTEST_KEY = 32
# Fewer different characters than this no random key of that length has.
_FEWEST_CHARACTERS = 8
# With these begin settings of ours, and those of no other program that one finds on the same machine.
_OWN_PREFIXES = frozenset({"HUBSPOT", "MAIL", "RECONCILE", "TRUSTED", "TWINBOOK", "WEBHOOK"})
_LIKENESS = 0.85

_QUOTES = ('"', "'")

Kind = Literal["setting_unknown", "setting_quoted", "secret_key_weak", "public_url_unencrypted"]


class Doubt(Struct, frozen=True):
    """Something to warn of: which kind, the setting's name, and for an unknown one that which was meant."""

    kind: Kind
    name: str
    nearest: str | None = None


_log = structlog.get_logger()


def load_for_start(*, warns: bool = False) -> Settings:
    """The settings of a program that starts, which from now on keeps its files to itself.

    Args:
        warns: Whether this process is the one of its program that logs what is in doubt.

    Raises:
        SettingsError: a setting does not fit, or is not safe.
    """
    private_files.keep_new_files_private()
    settings = load_settings()
    refuse_unsafe(settings)
    private_files.close_to_others(settings.instance_path)
    private_files.leave_to_owner(settings.instance_path)
    if warns:
        logs.configure(settings)
        for doubt in doubts(settings, given_names()):
            _log.warning(doubt.kind, name=doubt.name, nearest=doubt.nearest)
    return settings


def refuse_unsafe(settings: Settings) -> None:
    """Refuse what would give away tokens or sessions.

    Raises:
        SettingsError: the message names the setting and what fits.
    """
    api = urlsplit(settings.hubspot_api_url)
    if api.scheme == "http" and not is_loopback(api.hostname):
        raise SettingsError("HUBSPOT_API_URL", "an address with https://, since access tokens are sent there")
    if _is_weak(settings.secret_key) and not is_for_this_machine(settings):
        raise SettingsError(
            "SECRET_KEY",
            f"at least {_SHORTEST_KEY} random characters, or nothing, and one is made in the instance folder",
        )


def doubts(settings: Settings, names: Iterable[str]) -> list[Doubt]:
    """The settings to warn of.

    Args:
        settings: As they were read.
        names: All that was given a value, in the environment or in a `.env` file, ours or not.
    """
    found = [Doubt("setting_unknown", name, nearest) for name, nearest in unknown(names)]
    found += [Doubt("setting_quoted", name) for name in _quoted(settings)]
    if _is_weak(settings.secret_key):
        found.append(Doubt("secret_key_weak", "SECRET_KEY"))
    if not settings.is_served_over_https and not is_for_this_machine(settings):
        found.append(Doubt("public_url_unencrypted", "PUBLIC_URL"))
    return found


def unknown(names: Iterable[str]) -> list[tuple[str, str | None]]:
    """The names that look like settings of ours and are none, each with the one that it resembles."""
    known = {field.name.upper() for field in fields(Settings)}
    found = []
    for name in sorted(set(names)):
        if "_" not in name or name.removesuffix("_FILE") in known:
            continue
        nearest = _nearest(name, known)
        if nearest or name.partition("_")[0] in _OWN_PREFIXES:
            found.append((name, nearest))
    return found


def _nearest(name: str, known: set[str]) -> str | None:
    """The setting that was probably meant: in other letters, behind our name, or with a slip."""
    own = name.upper().removeprefix("TWINBOOK_")
    return own if own in known else next(iter(get_close_matches(own, known, n=1, cutoff=_LIKENESS)), None)


def _quoted(settings: Settings) -> list[str]:
    """The settings whose values kept the quotation marks of a file, which not every reader takes off."""
    texts = {field.name.upper(): getattr(settings, field.name) for field in fields(Settings)}
    return [
        name
        for name, text in texts.items()
        if isinstance(text, str) and len(text) > 1 and text[0] == text[-1] and text[0] in _QUOTES
    ]


def is_for_this_machine(settings: Settings) -> bool:
    """Whether only browsers on this machine are meant to reach the installation."""
    return is_loopback(urlsplit(settings.public_url).hostname)


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine itself."""
    name = (host or "").rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _is_weak(key: str) -> bool:
    return len(key) < _SHORTEST_KEY or len(set(key)) < _FEWEST_CHARACTERS
