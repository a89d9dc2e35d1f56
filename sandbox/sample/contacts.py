"""Sample contacts, with the blanks, habits and accidents of real ones."""

from random import Random

from sandbox.sample.companies import OWNER_IDS, STAGE_NAMES, STAGE_WEIGHTS, blank_some, phone, slug
from sandbox.sample.times import made_and_changed
from sandbox.sample.vocabulary import FIRST_NAMES, FREE_MAIL, LAST_NAMES, PLACES, TITLES
from sandbox.store.table import Table

SLUGS = {name: slug(name) for name in (*FIRST_NAMES, *LAST_NAMES)}
ODD: dict[int, dict[str, str]] = {
    23: {"firstname": "Nul\x00l", "jobtitle": "\x00"},
    47: {"jobtitle": "Chief " * 1_500 + "Officer"},
    61: {"firstname": "ΑΘΗΝΆ", "lastname": "Παπαδοπούλου"},
    79: {"firstname": "José\u0301", "lastname": "🦊 Fox-Hernández"},
    101: {"firstname": "<script>alert(1)</script>", "lastname": "O'); DROP TABLE contacts;--"},
    127: {"firstname": " ", "lastname": "   ", "phone": " "},
    139: {"firstname": "محمد", "lastname": "الأحمد"},
    157: {"firstname": "PETER", "lastname": "VAN DER BERG", "jobtitle": "=1+1"},
    173: {"firstname": "Test", "lastname": "Test", "phone": "123"},
    191: {"lastname": "W" * 300},
    211: {"firstname": "花子", "lastname": "山田", "mobilephone": "０９０－１２３４－５６７８"},  # noqa: RUF001 - as typed on a Japanese keyboard
    229: {"city": "Line one\nLine two\r\n\tindented", "phone": "+49 (0) 89 / 12 34 56 - 0"},
}


def make_contact(
    random: Random, index: int, total: int, company: dict[str, str], people: Table
) -> dict[str, str]:
    """The properties of one contact, without its id; `company` is its first one's, or empty."""
    first = FIRST_NAMES[int(random.random() * len(FIRST_NAMES))]
    last = LAST_NAMES[int(random.random() * len(LAST_NAMES))]
    properties = {"firstname": first, "lastname": last, **_about(random, company)}
    _give_addresses(random, properties, (SLUGS[first], SLUGS[last]), company.get("domain"), people)
    blank_some(random, properties, ("jobtitle", "phone", "mobilephone", "city", "country"), 0.35)
    blank_some(random, properties, ("lastname", "hubspot_owner_id", "lifecyclestage"), 0.06)
    properties |= ODD.get(index % 250, {})
    if not properties.get("lifecyclestage"):
        properties.pop("lifecyclestage", None)
    created, changed = made_and_changed(random, index, total)
    properties |= {"createdate": created, "lastmodifieddate": changed, "hs_object_source": "IMPORT"}
    return properties


def _about(random: Random, company: dict[str, str]) -> dict[str, str]:
    place = PLACES[int(random.random() * len(PLACES))]
    shares_phone = random.random() < 0.12 and "phone" in company  # noqa: PLR2004 - the switchboard's number
    own_city = random.random() < 0.3 or "city" not in company  # noqa: PLR2004 - works from elsewhere
    return {
        "jobtitle": TITLES[int(random.random() * len(TITLES))],
        "phone": company["phone"] if shares_phone else phone(random, place),
        "mobilephone": phone(random, place),
        "city": place.city if own_city else company["city"],
        "country": place.country if own_city else company.get("country", place.country),
        "lifecyclestage": random.choices(STAGE_NAMES, STAGE_WEIGHTS)[0],
        "hubspot_owner_id": OWNER_IDS[int(random.random() * len(OWNER_IDS))],
    }


def _give_addresses(
    random: Random, properties: dict[str, str], names: tuple[str, str], domain: str | None, people: Table
) -> None:
    first, last = names
    luck = random.random()
    if luck < 0.05:  # noqa: PLR2004 - nobody asked for the address
        return
    free = FREE_MAIL[int(random.random() * len(FREE_MAIL))]
    at = free if domain is None or luck < 0.14 else domain  # noqa: PLR2004 - a private mailbox
    email = _free_address(f"{first}.{last}", at, people)
    properties |= {"email": email, "hs_email_domain": at}
    if luck > 0.95:  # noqa: PLR2004 - merged before, or changed jobs
        second = _free_address(f"{first[0]}{last}", free, people)
        third = _free_address(f"{last}.{first}", at, people)
        properties["hs_additional_emails"] = second if luck < 0.985 else f"{second};{third}"  # noqa: PLR2004


def _free_address(stem: str, domain: str, people: Table) -> str:
    address = f"{stem}@{domain}"
    number = 2
    while address in people.emails:
        address = f"{stem}{number}@{domain}" if number < 4 else f"{stem}{len(people.records)}@{domain}"  # noqa: PLR2004
        number += 1
    return address
