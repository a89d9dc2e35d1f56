"""Host names and e-mail addresses in one form, and what the list of public suffixes says of a host."""

import re
import unicodedata
from functools import cache, lru_cache
from urllib.parse import unquote

from msgspec import Struct
from tldextract import ExtractResult, TLDExtract

from webapp.domain.records.values import visible

_LONGEST_HOST = 253
_LONGEST_EMAIL = 254
# Also one that was mistyped, or put in front twice: https//, https:, https://https://.
_SCHEME = re.compile(r"^(?:https?(?:[:;]+[/\\]*|[/\\]+)|[a-z][a-z0-9+.-]*:/+|//)+")
_AFTER_AUTHORITY = re.compile(r"[/?#\\]")
# Behind the first of several stand the others.
_AFTER_HOST = re.compile(r"[:\s,;|]")
_WWW = re.compile(r"^(?:www\.)+")
# What people and programs put around an address, and what is left behind it in a list.
_AROUND = " \"'`<>()[]{}\u201e\u201c\u201d\u201a\u2018\u2019\u00ab\u00bb"
_BEHIND = _AROUND + ",;|"
_NO_HOST = re.compile(r"[\x00-,/:-@\[-^`{-\x7f]")
# An address as nearly all are written, of which nothing has to be taken off.
_BARE_EMAIL = re.compile(r"[\w.+-]+@[\w.-]+\w")
# No part gives back what it has taken, since none could do with less.
_IN_BRACKETS = re.compile(r"<\s*+([^<>@]*+@[^<>]*+)>?\s*+[,;]?\s*+$")
_QUOTED = re.compile(r"(['\"`\u2018\u201c\u201e])(.+)['\"`\u2019\u201d\u201c]")
_MAILTO = re.compile(r"^(?:(?:mailto|smtp|e-?mail)\s*:\s*/*)+", re.IGNORECASE)
# Endings that no registry gives out, but networks and examples use; a name below them is as good as any.
_RESERVED = (
    *("example", "invalid", "localhost", "test", "local", "onion", "internal", "home.arpa"),
    *("intranet", "private", "corp", "home", "lan"),
)
# Characters that stand for the dot in other scripts.
_DOTS = re.compile("[\u3002\uff0e\uff61]")
_CODED = "xn--"


class HostParts(Struct, frozen=True):
    """The parts of a host name.

    Attributes:
        stem: everything before the public ending.
        registered: the domain that somebody has registered.
        is_private: whether the ending belongs to a provider who gives away names below it.
    """

    stem: str
    registered: str
    is_private: bool


def email_key(email: str | None) -> str | None:
    """An address in lower case, its domain in one form."""
    if not email:
        return None
    key = bare_email(email).lower()
    if not key.isascii() or _CODED in key:
        # Also one that was typed in the wide letters of East Asia, or with their dot.
        mailbox, at, host = unicodedata.normalize("NFKC", key).rpartition("@")
        key = f"{mailbox}{at}{_decoded(_DOTS.sub('.', host))}"
    return key[:_LONGEST_EMAIL] or None


def bare_email(text: str) -> str:
    """An address without additions by programs: `mailto:`, a name before it, a comma after it."""
    address = _unwrapped(text)
    if _MAILTO.match(address):
        # What is encoded within what was encoded is no address any more.
        address = _MAILTO.sub("", _unwrapped(unquote(_MAILTO.sub("", address).partition("?")[0])))
    return address.rstrip(" ,;.:>").lstrip(" <,;")


def _unwrapped(text: str) -> str:
    """An address without brackets and quotation marks, and without a name before it."""
    address = visible(text)
    if _BARE_EMAIL.fullmatch(address):
        return address
    if found := _IN_BRACKETS.search(address):
        address = found[1]
    if found := _QUOTED.fullmatch(address.rstrip(" ,;")):
        address = found[2]
    return address


@lru_cache(maxsize=4096)
def domain_key(text: str | None) -> str | None:
    """The host name of a domain or web address, without `www.`; None when it is none."""
    if not text:
        return None
    host = _host(text)
    if not host or len(host) > _LONGEST_HOST or _NO_HOST.search(host):
        return None
    parts = _extracted(host)
    return host if (parts.domain and parts.suffix) or parts.is_private else None


@lru_cache(maxsize=4096)
def host_parts(host: str) -> HostParts:
    """The parts of a host, as `domain_key` gives it."""
    parts = _extracted(host)
    stem = ".".join(part for part in (parts.subdomain, parts.domain) if part)
    return HostParts(stem, f"{parts.domain}.{parts.suffix}".strip("."), parts.is_private)


def _host(text: str) -> str:
    """The host. The path is cut off before the user name, because a path may contain an `@` as well."""
    folded = _DOTS.sub(".", unicodedata.normalize("NFKC", visible(text)).lower())
    authority = _authority(folded)
    if "%" in authority and "@" not in authority:
        authority = _authority(unquote(authority))
    host = _AFTER_HOST.split(authority.rpartition("@")[2].strip(), maxsplit=1)[0].strip(".")
    return _decoded(_WWW.sub("", host))


def _authority(text: str) -> str:
    """The part of an address in front of its path: the last in brackets, since a name may stand before it."""
    address = text.strip(_BEHIND).rpartition("<")[2]
    return _AFTER_AUTHORITY.split(_SCHEME.sub("", address), maxsplit=1)[0].rstrip(_BEHIND)


def _decoded(host: str) -> str:
    """A host with its labels as people read them: müller.de, not xn--mller-kva.de."""
    if _CODED not in host:
        return host
    return ".".join(map(_decoded_label, host.split(".")))


def _decoded_label(label: str) -> str:
    if not label.startswith(_CODED):
        return label
    try:
        return unicodedata.normalize("NFC", label.removeprefix(_CODED).encode("ascii").decode("punycode"))
    except UnicodeError:
        return label


@lru_cache(maxsize=4096)  # a domain is first looked at for its key, then for whose it is
def _extracted(host: str) -> ExtractResult:
    return _extractor()(host)


@cache
def _extractor() -> TLDExtract:
    """The public suffix list that comes with the library: no network, no cache on disk."""
    return TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True, extra_suffixes=_RESERVED
    )
