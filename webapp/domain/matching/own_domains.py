"""Domains that are a firm's own: no free mail, no page of another's, no shop builder's, no placeholder."""

from functools import lru_cache

from webapp.domain.records.normal.hosts import host_parts
from webapp.domain.records.normal.word_lists import words

FREE_MAIL_DOMAINS = words("free_mail_domains")
"""Providers of free mail: half the world shares these domains, so they say nothing about a company."""

_SHARED = FREE_MAIL_DOMAINS | words("shared_hosts") | words("placeholder_domains")
# Registries below which a name is as much one's own as below a country's ending.
_REGISTRIES = words("private_registries")


@lru_cache(maxsize=4096)
def own_domain(domain: str | None) -> str | None:
    """A domain, as `domain_key` gives it, where it belongs to one firm; else None."""
    return domain if domain and is_own(domain) else None


@lru_cache(maxsize=4096)
def is_own(domain: str) -> bool:
    """Whether a domain belongs to one firm alone."""
    labels = domain.split(".")
    ancestors = {".".join(labels[first:]) for first in range(len(labels))}
    if not _SHARED.isdisjoint(ancestors):
        return False
    return not host_parts(domain).is_private or not _REGISTRIES.isdisjoint(ancestors)


def stem(domain: str) -> str:
    """What a domain is called before its public ending: nordlicht.de and nordlicht.com alike."""
    return host_parts(domain).stem


def registered(domain: str) -> str:
    """The registered domain that a host lies in."""
    return host_parts(domain).registered
