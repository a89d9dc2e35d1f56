"""What a record says of itself, written so that it can be compared with another one."""

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from webapp.domain.matching.company_names import company_words
from webapp.domain.matching.free_mail import FREE_MAIL_DOMAINS
from webapp.domain.matching.person_names import generation
from webapp.domain.matching.places import Place, place
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.keys import domain_key, email_key, phone_key, plain, registered_domain


class Traits(Struct, frozen=True):
    """What a record says of itself; empty where it says nothing.

    `company` is the number of a contact's company here, `employer` its name, `domains` those that are
    nobody else's.
    """

    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    first: str = ""
    last: str = ""
    generation: str | None = None
    company: int | None = None
    employer: str = ""
    birthday: str = ""
    name: str = ""
    domains: frozenset[str] = frozenset()
    place: Place = Place()


_BIRTH = re.compile(r"birth|geburt|naissance|nascita|nacimiento|(?:^|_)(?:dob|bday)(?:$|_)")
_NOT_DIGIT = re.compile(r"\D")
_PARTICLES = ("von", "van", "de", "di", "da", "del", "la", "le", "el", "al", "der", "den", "st")


def traits_of(
    object_type: ObjectType,
    values: Mapping[str, object],
    *,
    emails: Iterable[str] = (),
    domains: Iterable[str] = (),
    company_id: int | None = None,
) -> Traits:
    """A record's traits.

    Args:
        object_type: Companies or contacts.
        values: Its fields by our names.
        emails: The addresses beside the first.
        domains: A company's domains beside the first.
        company_id: A contact's company, where the fields do not hold it.
    """
    if object_type == "companies":
        return _company_traits(values, domains)
    return _contact_traits(values, emails, company_id)


def _contact_traits(values: Mapping[str, object], emails: Iterable[str], company_id: int | None) -> Traits:
    first, last = _split(plain(_text(values, "first_name")), plain(_text(values, "last_name")))
    addresses = {email_key(one) for one in (_text(values, "email"), *emails)}
    company = company_id if company_id is not None else values.get("company_id")
    return Traits(
        emails=frozenset(one for one in addresses if one),
        phones=_phones(values, "phone", "mobile"),
        first=first,
        last=last,
        generation=generation(first, last),
        company=company if isinstance(company, int) else None,
        employer=company_words(_text(values, "company")),
        birthday=_birthday(values),
        place=_place(values),
    )


def _company_traits(values: Mapping[str, object], further: Iterable[str]) -> Traits:
    own = domain_key(_text(values, "domain")) or domain_key(_text(values, "website"))
    hosts = frozenset(further if own is None else (own, *further))
    return Traits(
        phones=_phones(values, "phone"),
        name=company_words(_text(values, "name")),
        domains=hosts - FREE_MAIL_DOMAINS,
        place=_place(values),
    )


def _split(first: str, last: str) -> tuple[str, str]:
    """A whole name that stands in one of the two fields, taken apart."""
    whole = first or last
    words = whole.split()
    if (first and last) or len(words) < 2 or words[0] in _PARTICLES:  # noqa: PLR2004 - a first and a last name
        return first, last
    return words[0], " ".join(words[1:])


def _phones(values: Mapping[str, object], *names: str) -> frozenset[str]:
    return frozenset(key for name in names if (key := phone_key(_text(values, name))))


def _place(values: Mapping[str, object]) -> Place:
    return place(_text(values, "street"), _text(values, "city"), _text(values, "postcode"))


def _birthday(values: Mapping[str, object]) -> str:
    """The digits of a date of birth, which only a custom field can hold."""
    found = (str(value) for name, value in values.items() if value and _BIRTH.search(name.lower()))
    return next((digits for value in found if (digits := _NOT_DIGIT.sub("", value[:10]))), "")


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def mail_domains(traits: Traits) -> frozenset[str]:
    """The domains of a contact's addresses that belong to a firm."""
    hosts = (address.rpartition("@")[2] for address in traits.emails)
    return frozenset(host for host in hosts if host and host not in FREE_MAIL_DOMAINS)


def stems(domains: frozenset[str]) -> frozenset[str]:
    """What domains are called before their ending: nordlicht.de and shop.nordlicht.com alike."""
    return frozenset(registered_domain(domain) for domain in domains)
