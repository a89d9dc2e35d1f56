"""The traits of a record: its values in forms that can be compared with those of another one."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from webapp.domain.matching.likeness.person_names import generation
from webapp.domain.matching.own_domains import own_domain, stem
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.keys import birthday_of, domain_key, email_key, person_key, phone_key, street_key
from webapp.domain.records.normal.addresses import Place, place
from webapp.domain.records.normal.companies import company_words, naming_key, without_bracket
from webapp.domain.records.normal.persons import cut_words, has_several_readings, named
from webapp.domain.records.normal.phones import is_counted, is_no_number, is_of_one_length
from webapp.domain.records.normal.whole_addresses import in_its_fields


class Names(Struct, frozen=True):
    """The names and the date of birth of a contact: enough to tell most strangers apart.

    `is_unread` says that a name is in a script that is read in several ways; `cut` are the words that end
    with a period in place of letters.
    """

    first: str = ""
    last: str = ""
    birthday: str = ""
    is_unread: bool = False
    cut: frozenset[str] = frozenset()


class Traits(Struct, frozen=True):
    """The traits of a record; empty where it has no value.

    Attributes:
        emails: its addresses, without placeholders'.
        phones: its numbers, without those that nobody has.
        counted_phones: numbers that count up or down, which only one of a country where all are as long makes
            believable.
        first, last, generation, is_unread, cut: a contact's name.
        company, employer: the number of a contact's company here, and its name.
        birthday: its digits.
        name: a company's words.
        bracketed: the words in brackets behind them: a town, or another name.
        domains: those that are nobody else's.
        place: the address.
        name_key, street_key: what is counted of name and street.
    """

    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    counted_phones: frozenset[str] = frozenset()
    first: str = ""
    last: str = ""
    generation: str | None = None
    is_unread: bool = False
    cut: frozenset[str] = frozenset()
    company: int | None = None
    employer: str = ""
    birthday: str = ""
    name: str = ""
    bracketed: str = ""
    domains: frozenset[str] = frozenset()
    place: Place = Place()
    name_key: str | None = None
    street_key: str | None = None


_ADDRESS = ("street", "city", "postcode")
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


def names_of(values: Mapping[str, object]) -> Names:
    """A contact's names."""
    written = _text(values, "first_name"), _text(values, "last_name")
    first, last = _split(*named(*written))
    return Names(first, last, birthday_of(values), has_several_readings(*written), cut_words(*written))


def _contact_traits(values: Mapping[str, object], emails: Iterable[str], company_id: int | None) -> Traits:
    names = names_of(values)
    first, last = names.first, names.last
    addresses = {email_key(one) for one in (_text(values, "email"), *emails)}
    company = company_id if company_id is not None else values.get("company_id")
    phones, counted_phones = _phones(values, "phone", "mobile")
    street, city, postcode = in_its_fields(*(_text(values, name) for name in _ADDRESS))
    return Traits(
        emails=frozenset(one for one in addresses if one),
        phones=phones,
        counted_phones=counted_phones,
        first=first,
        last=last,
        generation=generation(first, last),
        is_unread=names.is_unread,
        cut=names.cut,
        company=company if isinstance(company, int) else None,
        employer=company_words(_text(values, "company")),
        birthday=names.birthday,
        place=place(street, city, postcode),
        name_key=person_key(_text(values, "first_name"), _text(values, "last_name"))
        if first and last
        else None,
        street_key=street_key(street),
    )


def _company_traits(values: Mapping[str, object], further: Iterable[str]) -> Traits:
    hosts = (domain_key(_text(values, "domain")), domain_key(_text(values, "website")))
    own = own_domain(hosts[0]) or own_domain(hosts[1])
    phones, counted_phones = _phones(values, "phone")
    name = _text(values, "name")
    street, city, postcode = in_its_fields(*(_text(values, name) for name in _ADDRESS))
    bracketed = without_bracket(name)[1]
    return Traits(
        phones=phones,
        counted_phones=counted_phones,
        # HubSpot calls a company that it knows nothing of by its domain.
        name="" if own and domain_key(name) == own else company_words(_named(name)),
        bracketed=company_words(bracketed),
        domains=frozenset(one for one in (own, *further) if one and own_domain(one)),
        place=place(street, city or bracketed, postcode),
        name_key=naming_key(name),
        street_key=street_key(street),
    )


def _named(name: str) -> str:
    """The name of a company, or the one that its domain stands for."""
    host = own_domain(domain_key(name)) if "." in name and " " not in name.strip() else None
    return stem(host) if host else name


def _split(first: str, last: str) -> tuple[str, str]:
    """First and last name, split if one field has the whole name."""
    whole = first or last
    words = whole.split()
    if (first and last) or len(words) < 2 or words[0] in _PARTICLES:  # noqa: PLR2004 - a first and a last name
        return first, last
    return words[0], " ".join(words[1:])


def _phones(values: Mapping[str, object], *names: str) -> tuple[frozenset[str], frozenset[str]]:
    """The meaningful phone numbers, and those that count only beside one with a country code."""
    phones: set[str] = set()
    counted: set[str] = set()
    for name in names:
        text = _text(values, name)
        key = phone_key(text)
        if key and not is_no_number(key):
            (counted if is_counted(key) and not is_of_one_length(text) else phones).add(key)
    return frozenset(phones), frozenset(counted)


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
