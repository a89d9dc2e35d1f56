"""Compares two people's e-mail addresses, and tells personal mailboxes from shared ones."""

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from webapp.domain.matching.likeness.slips import Likeness
from webapp.domain.matching.own_domains import is_free_mail, own_domain, registered
from webapp.domain.matching.traits import Traits
from webapp.domain.records.keys import domain_key
from webapp.domain.records.normal.junk import is_nothing
from webapp.domain.records.normal.texts import plain
from webapp.domain.records.normal.word_lists import words

_GOOD = frozenset({"same", "alike", "near"})
_SURE = frozenset({"same", "alike"})
_SHORTEST_MAILBOX, _SHORTEST_TWICE_TYPED = 5, 8
_GOOGLE = frozenset({"gmail.com", "googlemail.com"})
_NO_LETTER = re.compile(r"[\W\d]")
_NO_LETTERS = re.compile(r"[\W\d_]+")
_ROLES = frozenset(map(plain, words("role_mailboxes")))
# Shorter ones are initials where another name follows.
_SHORTEST_ROLE = 3
# Whatever stands before these in a mailbox's name, several people read it.
_OF_MANY = frozenset(
    {"team", "center", "centre", "department", "dept", "abteilung", "office", "desk", "group"}
)
_NOBODY = words("placeholder_mailboxes")
_NOWHERE = words("placeholder_domains")


def email_evidence(  # noqa: PLR0911 - cases, in their order
    a: Traits, b: Traits, first: Likeness, last: Likeness
) -> str | None:
    """The evidence of two e-mail addresses. A relative's may resemble one's own; the names decide."""
    if not a.emails or not b.emails or a.emails & b.emails:
        return None
    pairs = [(one, other) for one in a.emails for other in b.emails]
    is_one_name = first in _GOOD and last in _GOOD
    if any(_is_slip_in_host(*pair) or (is_one_name and _is_slip(*pair, a, b)) for pair in pairs):
        return "near_email"
    found = {_pair(*pair, a, b) for pair in pairs}
    if first in _SURE and last in _SURE and any(_is_of_each(*pair, a, b) for pair in pairs):
        return "own_email"
    if first == "same" and last in _SURE:
        return next(one for one in _BY_WEIGHT if one in found)
    if first == "unsure":
        return "own_name_and_email"
    if first in _GOOD:
        return "colleagues_email" if "colleagues_email" in found else "own_email"
    return "other_email"


def _is_of_each(one: str, other: str, a: Traits, b: Traits) -> bool:
    """Whether two mailboxes of one firm are each made of its owner's name alone: j.meyer and j.meier."""
    mailbox_a, _, host_a = one.rpartition("@")
    mailbox_b, _, host_b = other.rpartition("@")
    if host_a != host_b or is_free_mail(host_a):
        return False
    of_each = _is_made_of(mailbox_a, a) and _is_made_of(mailbox_b, b)
    return of_each and not (_is_made_of(mailbox_a, b) or _is_made_of(mailbox_b, a))


def _is_slip_in_host(one: str, other: str) -> bool:
    """Whether one mailbox is at two domains that are a slip apart."""
    mailbox_a, _, host_a = one.rpartition("@")
    mailbox_b, _, host_b = other.rpartition("@")
    if mailbox_a != mailbox_b or host_a == host_b or is_shared_mailbox(one):
        return False
    return (
        not (is_free_mail(host_a) and is_free_mail(host_b))
        and OSA.distance(host_a, host_b, score_cutoff=1) <= 1
    )


def _is_slip(one: str, other: str, a: Traits, b: Traits) -> bool:
    """Whether two addresses of people of one name are two slips apart, one of them at most in the host.

    Namesakes have numbers, and mailboxes that are their names written in two ways: those are no slips.
    """
    mailbox_a, _, host_a = one.rpartition("@")
    mailbox_b, _, host_b = other.rpartition("@")
    shortest = min(len(mailbox_a), len(mailbox_b))
    if shortest < _SHORTEST_MAILBOX or _digits(one) != _digits(other):
        return False
    if is_shared_mailbox(one) or is_shared_mailbox(other):
        return False
    if host_a != host_b and (
        (is_free_mail(host_a) and is_free_mail(host_b)) or OSA.distance(host_a, host_b, score_cutoff=1) > 1
    ):
        return False
    most = 2 if shortest >= _SHORTEST_TWICE_TYPED else 1
    if OSA.distance(mailbox_a, mailbox_b, score_cutoff=most) > most:
        return False
    if _have_other_initials(mailbox_a, mailbox_b):
        return False
    return not (_is_made_of(mailbox_a, a) and _is_made_of(mailbox_b, b))


_BY_WEIGHT = (
    "near_email",
    "same_mailbox",
    "moved_email",
    "numbered_email",
    "other_email",
    "colleagues_email",
)


def _pair(one: str, other: str, a: Traits, b: Traits) -> str:
    """The evidence of two different e-mail addresses of people with one name."""
    if _delivered(one) == _delivered(other):
        return "near_email"
    mailbox_a, _, host_a = one.rpartition("@")
    mailbox_b, _, host_b = other.rpartition("@")
    are_names = _is_made_of(mailbox_a, a) and _is_made_of(mailbox_b, b)
    if host_a == host_b:
        return _at_one_host(mailbox_a, mailbox_b, is_free=is_free_mail(host_a), are_names=are_names)
    if are_names:
        return "moved_email"
    return "same_mailbox" if mailbox_a == mailbox_b and len(mailbox_a) >= _SHORTEST_MAILBOX else "other_email"


def _at_one_host(mailbox_a: str, mailbox_b: str, *, is_free: bool, are_names: bool) -> str:
    if mailbox_a != mailbox_b and _letters(mailbox_a) == _letters(mailbox_b):
        # The second of a name at one host gets a number.
        return "numbered_email" if _digits(mailbox_a) != _digits(mailbox_b) else "moved_email"
    if are_names:
        is_numbered = _digits(mailbox_a) != _digits(mailbox_b)
        return "other_email" if is_free else "numbered_email" if is_numbered else "moved_email"
    if _is_typed(mailbox_a, mailbox_b):
        return "near_email"
    return "other_email" if is_free else "colleagues_email"


@lru_cache(maxsize=4096)
def _delivered(address: str) -> str:
    """The mailbox that an address leads to: without a tag behind a plus sign, and Google's without dots."""
    mailbox, _, host = address.rpartition("@")
    mailbox = mailbox.partition("+")[0] or mailbox
    if host in _GOOGLE:
        mailbox, host = mailbox.replace(".", ""), "gmail.com"
    return f"{mailbox}@{host}"


def _is_typed(mailbox_a: str, mailbox_b: str) -> bool:
    is_one_off = (
        min(len(mailbox_a), len(mailbox_b)) >= _SHORTEST_MAILBOX
        and OSA.distance(mailbox_a, mailbox_b, score_cutoff=1) <= 1
    )
    return (
        is_one_off
        and _digits(mailbox_a) == _digits(mailbox_b)
        and not _have_other_initials(mailbox_a, mailbox_b)
    )


def _have_other_initials(mailbox_a: str, mailbox_b: str) -> bool:
    """Whether single letters differ: jan.k.meier and jan.p.meier are two people with one name."""
    parts = zip(_NO_LETTER.split(mailbox_a), _NO_LETTER.split(mailbox_b), strict=False)
    return any(len(one) == len(other) == 1 and one != other for one, other in parts)


def _letters(mailbox: str) -> str:
    return _NO_LETTER.sub("", mailbox).replace("_", "")


def _is_made_of(mailbox: str, one: Traits) -> bool:
    """Whether a mailbox is made only of its owner's name, so that a namesake's may be the same."""
    name = _NO_LETTER.sub("", plain(mailbox))
    first, last = one.first.replace(" ", ""), one.last.replace(" ", "")
    if not first or not last or not name:
        return False
    for whole, short in ((first, last), (last, first)):
        if name.startswith(whole) and short.startswith(name[len(whole) :]):
            return True
        if name.endswith(whole) and short.startswith(name[: -len(whole)]):
            return True
    return name == first[0] + last[0]


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdecimal())


def mail_domains(traits: Traits) -> frozenset[str]:
    """The domains of a contact's addresses that belong to a firm."""
    hosts = (own_domain(domain_key(address.rpartition("@")[2])) for address in traits.emails)
    return frozenset(host for host in hosts if host)


def are_of_their_own(a: Traits, b: Traits) -> bool:
    """Whether both have an address made of their own name, so that neither name is a slip."""
    return a.emails.isdisjoint(b.emails) and all(
        any(_is_made_of(address.rpartition("@")[0], one) for address in one.emails) for one in (a, b)
    )


@lru_cache(maxsize=4096)
def is_nobodys(address: str) -> bool:
    """Whether it is a placeholder address."""
    mailbox, _, host = address.rpartition("@")
    name = _NO_LETTERS.sub("", plain(mailbox))
    if name in _NOBODY or not name or domain_key(host) in _NOWHERE:
        return True
    # x@x.com, keine@keine.de: typed by whoever had to type something.
    return name == registered(host).partition(".")[0] and (len(name) < _SHORTEST_ROLE or is_nothing(name))


@lru_cache(maxsize=4096)
def is_shared_mailbox(address: str) -> bool:
    """Whether several people read a mailbox, or nobody does: a role's, or a placeholder's."""
    mailbox = address.rpartition("@")[0]
    first, *further = [word for word in _NO_LETTERS.split(plain(mailbox)) if word] or [""]
    name = first + "".join(further)
    is_role = name in _ROLES or (len(first) >= _SHORTEST_ROLE and first in _ROLES)
    is_role = is_role or (bool(further) and further[-1] in _OF_MANY)
    return is_role or is_nobodys(address)
