"""Scores two records: their signs, and the weights of these."""

from collections.abc import Iterable, Mapping

from webapp.domain.matching.companies import company_evidence, company_terms
from webapp.domain.matching.contacts import contact_evidence, contact_terms, strangers_by_name
from webapp.domain.matching.evidence import Score, weigh
from webapp.domain.matching.frequencies import DEFAULT, Frequencies
from webapp.domain.matching.keys import Keys
from webapp.domain.matching.traits import Traits, traits_of
from webapp.domain.records.fields import ObjectType


def score_pair(
    object_type: ObjectType,
    a: Mapping[str, object],
    b: Mapping[str, object],
    *,
    own_emails: Iterable[str] = (),
    own_domains: Iterable[str] = (),
    further_emails: Iterable[str] = (),
    further_domains: Iterable[str] = (),
    frequencies: Frequencies = DEFAULT,
) -> Score:
    """Weigh the values of two records.

    Args:
        object_type: Companies or contacts.
        a: One record's values by our field names.
        b: The other one's.
        own_emails: The addresses of `a` beside the first.
        own_domains: The domains of `a` beside the first.
        further_emails: The addresses of `b` beside the first.
        further_domains: The domains of `b` beside the first.
        frequencies: How many records share which values.
    """
    there = traits_of(object_type, b, emails=further_emails, domains=further_domains)
    here = traits_of(object_type, a, emails=own_emails, domains=own_domains)
    return _score(object_type, here, there, frequencies, in_full=True)


def score_keys(a: Keys, b: Keys, frequencies: Frequencies = DEFAULT, *, in_full: bool = True) -> Score:
    """Weigh two records by all of their keys, or until they are clearly different.

    Args:
        a: What one is recognised by.
        b: The same of the other.
        frequencies: How many records share which values.
        in_full: Whether everything is wanted also of two who are strangers by their names.
    """
    if not in_full and a.object_type == "contacts" and a.emails.isdisjoint(b.emails):
        # Most of those who share a key are strangers, of whom nothing else has to be read.
        name = strangers_by_name(a.read_names(), b.read_names())
        if name is not None:
            return weigh(a.object_type, (name,), frequencies=frequencies)
    return _score(a.object_type, a.read(), b.read(), frequencies, in_full=in_full)


def _score(
    object_type: ObjectType, a: Traits, b: Traits, frequencies: Frequencies, *, in_full: bool
) -> Score:
    if object_type == "contacts":
        names, terms = contact_evidence(a, b), contact_terms
    else:
        names, terms = company_evidence(a, b, in_full=in_full), company_terms
    return weigh(object_type, names, terms(a, b, names), frequencies)


def weighed(a: Keys, b: Keys, frequencies: Frequencies = DEFAULT) -> tuple[tuple[str, float], ...]:
    """The signs that an object and a record have in common, each with its weight."""
    score = score_keys(a, b, frequencies)
    return tuple(zip(score.evidence, score.weights, strict=True))
