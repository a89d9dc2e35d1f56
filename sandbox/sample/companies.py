"""Sample companies, alike ones among them."""

import re
import unicodedata
from random import Random

from sandbox.sample.times import made_and_changed
from sandbox.sample.vocabulary import BRANCHES, PLACES, ROOTS, STAGES, Place
from sandbox.store.owners import OWNERS
from sandbox.store.table import Table

STAGE_NAMES = [name for name, _ in STAGES]
STAGE_WEIGHTS = [weight for _, weight in STAGES]
OWNER_IDS = [owner.id for owner in OWNERS if not owner.archived]
NOT_A_SLUG = re.compile(r"[^a-z0-9]+")
PLAIN = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "ı": "i"})  # noqa: RUF001 - Turkish has that letter
TO_A_ROOT = 10  # companies: a large portal has no more namesakes than one of a thousand
ODD: dict[int, dict[str, str]] = {
    41: {"description": "Made for ever. " * 700},
    57: {"name": "Bobby \x00Tables & Sons"},
    83: {"name": "  Padded   Holdings  "},
    97: {"name": "株式会社さくら商事", "city": "大阪市"},
    113: {"name": "شركة الأفق للتجارة"},
    131: {"name": '<b>Bold</b> & "Quoted" Ltd', "description": '=HYPERLINK("http://example.com")'},
    149: {"name": "L" + "o" * 398 + "ng Name Ltd"},
    167: {"name": "Cafe\u0301 Müller 🌻", "phone": "n/a"},
    181: {"phone": " ", "city": " ", "website": "-"},
}


def make_company(random: Random, index: int, total: int, table: Table, domains: set[str]) -> dict[str, str]:
    """The properties of one company, without its id."""
    luck = random.random()
    made = table.live
    former = table.records[made[int(random.random() * len(made))]].properties if made else None
    properties = _fresh(random, total, domains)
    if former is not None and luck < 0.03:  # noqa: PLR2004 - entered twice, in another spelling
        properties = _alike(random, former)
    elif former is not None and luck < 0.045 and "domain" in former:  # noqa: PLR2004 - a branch of the same firm
        properties["domain"] = former["domain"]
    elif luck < 0.1:  # noqa: PLR2004 - nobody knows the domain
        properties.pop("domain", None)
        properties.pop("website", None)
    elif luck > 0.985:  # noqa: PLR2004 - made by HubSpot from an address: a domain and no name
        properties = {"domain": properties["domain"]}
    properties |= ODD.get(index % 250, {})
    created, changed = made_and_changed(random, index, total)
    properties |= {"createdate": created, "hs_lastmodifieddate": changed, "hs_object_source": "IMPORT"}
    return properties


def _root(number: int) -> str:
    """The first word of a name, or two where a portal is so large that one would be shared by too many."""
    more, number = divmod(number, len(ROOTS))
    return f"{ROOTS[number]} {ROOTS[(number + more) % len(ROOTS)]}" if more else ROOTS[number]


def slug(text: str) -> str:
    """Letters that may stand in an address."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(PLAIN))
    return NOT_A_SLUG.sub("-", plain.encode("ascii", "ignore").decode()).strip("-")


def phone(random: Random, place: Place) -> str:
    """A phone number in one of the ways people write them."""
    digits = str(1_000_000 + int(random.random() * 8_999_999))
    luck = random.random()
    if luck < 0.4:  # noqa: PLR2004 - shares of habits
        return f"{place.phone} {digits[:3]} {digits[3:]}"
    if luck < 0.6:  # noqa: PLR2004
        return f"{place.phone}/{digits}"
    if luck < 0.8:  # noqa: PLR2004
        return place.phone.replace(" ", "") + digits
    return f"{place.phone} {digits[:3]}-{digits[3:]} ext. {int(random.random() * 90) + 10}"


def blank_some(random: Random, properties: dict[str, str], names: tuple[str, ...], share: float) -> None:
    """Leave out some of the named properties."""
    for name in names:
        if random.random() < share:
            properties.pop(name, None)


def _fresh(random: Random, total: int, domains: set[str]) -> dict[str, str]:
    place = PLACES[int(random.random() * len(PLACES))]
    root = _root(int(random.random() * max(len(ROOTS), total // TO_A_ROOT)))
    branch, industry = BRANCHES[int(random.random() * len(BRANCHES))]
    suffix = place.suffixes[int(random.random() * len(place.suffixes))]
    domain = _free_domain(f"{slug(root)}-{slug(branch)}", place.tld, domains)
    properties = {
        "name": f"{root} {branch} {suffix}",
        "domain": domain,
        "website": f"https://www.{domain}/",
        "phone": phone(random, place),
        "address": f"{random.choice(place.streets)} {int(random.random() * 180) + 1}",
        "city": place.city,
        "state": place.region,
        "zip": place.postcode,
        "country": place.country,
        "industry": industry,
        "numberofemployees": str(int(2 ** (random.random() * 13))),
        "description": f"{branch} from {place.city}.",
        "lifecyclestage": random.choices(STAGE_NAMES, STAGE_WEIGHTS)[0],
        "hubspot_owner_id": OWNER_IDS[int(random.random() * len(OWNER_IDS))],
    }
    blank_some(
        random, properties, ("website", "address", "industry", "numberofemployees", "description"), 0.3
    )
    blank_some(random, properties, ("phone", "state", "zip", "country", "hubspot_owner_id"), 0.12)
    if not properties["lifecyclestage"]:
        del properties["lifecyclestage"]
    return properties


def _alike(random: Random, former: dict[str, str]) -> dict[str, str]:
    kept = ("name", "city", "country", "phone", "zip")
    properties = {name: former[name] for name in kept if name in former}
    name = properties.get("name", former.get("domain", "Unknown"))
    spellings = (
        name.upper(),
        name.rpartition(" ")[0] or name,
        f"{name} ",
        name.replace(" ", "  "),
        f"The {name}",
    )
    properties["name"] = spellings[int(random.random() * len(spellings))]
    return properties


def _free_domain(stem: str, tld: str, domains: set[str]) -> str:
    domain, number = f"{stem}.{tld}", 2
    while domain in domains:
        domain, number = f"{stem}{len(domains) + number}.{tld}", number + 1
    domains.add(domain)
    return domain
