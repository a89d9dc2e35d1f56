"""Pairs of two records that share what is mostly one's own: a domain, a mailbox, a number that nobody has."""

from random import Random

from bench.matching.firms import Firms
from bench.matching.people import People, Record

_DIVISIONS = (
    *("Energy", "Healthineers", "Mobility", "Chemicals", "Foundation", "Deutschland", "Nordics", "Retail"),
    *("Financial Services", "Medical", "Aerospace", "Hotels", "Kitchens", "Events", "Academy", "Labs", "II"),
)
_NOBODYS = ("00000000", "0000000000", "1111111", "123456789", "1234567890", "+49 000 0000000", "9999999999")
_HOSTS = ("facebook.com", "kiosk.myshopify.com", "linktr.ee", "example.com", "sites.google.com", "none.com")
_ROLES = ("info", "office", "sales", "kontakt", "hello", "buchhaltung", "service", "test", "noemail")


class SharedFirms:
    """Makes pairs of companies, all from one source of chance."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._firms = Firms(random)

    def others(self) -> tuple[Record, Record]:
        """Two companies with one domain, or with one page at somebody else's."""
        random, firms = self.random, self._firms
        one, other = firms.firm(), firms.firm()
        other["domain"] = one["domain"]
        match random.randrange(5):
            case 0:
                other["name"] = one["name"]
            case 1:
                town = other["city"]
                one["name"], other["name"] = f"{one['core']} {one['city']}", f"{one['core']} {town}"
            case 2:
                first, second = random.sample(_DIVISIONS, 2)
                one["name"] = random.choice((one["name"], f"{one['core']} {first}"))
                other["name"] = f"{one['name' if random.random() < 0.5 else 'core']} {second}"  # noqa: PLR2004
            case 3:
                other |= {name: one[name] for name in ("street", "city", "postcode", "phone")}
            case _:
                one["domain"] = other["domain"] = random.choice(_HOSTS)
                one["phone"] = other["phone"] = random.choice(_NOBODYS)
        return _written(one, "core", "form"), _written(other, "core", "form")


class SharedPeople:
    """Makes pairs of contacts, all from one source of chance."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._people = People(random)

    def others(self) -> tuple[Record, Record]:
        """Two people with one mailbox, or with a number that nobody has."""
        random, people = self.random, self._people
        one, stranger = people.person(), people.person()
        shared = ("company_id", "domain", "phone", "street", "city")
        colleague = stranger | {name: one[name] for name in shared}
        match random.randrange(6):
            case 0:
                one["email"] = f"{random.choice(_ROLES)}@{one['domain']}"
                other = colleague | {"email": one["email"]}
            case 1:
                other = one | {"first_name": people.person()["first_name"]}
                if other["first_name"][0] == one["first_name"][0]:
                    return self.others()
            case 2:
                other = one | {"last_name": f"{one['last_name']} Jr."}
            case 3:
                other = colleague | {"first_name": one["first_name"], "email": one["email"]}
            case 4:
                mailbox = one["email"].partition("@")[0]
                one |= {"email": f"{mailbox}@{one['domain']}", "mobile": None}
                other = one | {"email": f"{mailbox}{random.randrange(2, 5)}@{one['domain']}"}
            case _:
                other = stranger | {name: one[name] for name in ("first_name", "last_name")}
                one["phone"] = other["phone"] = random.choice(_NOBODYS)
        return _written(one, "domain", "first_names"), _written(other, "domain", "first_names")


def _written(one: Record, *left_out: str) -> Record:
    return {name: value for name, value in one.items() if name not in left_out and value}
