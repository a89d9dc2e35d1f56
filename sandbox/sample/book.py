"""What the firm of the demo has in its own book already, as the CSV files that Twinbook imports.

Some of it is plainly in the portal as well, some looks like it and is not surely the same, and some is
nowhere else: so that every decision about a match can be tried. `python -m sandbox.sample.book FOLDER` writes
the files.
"""

import argparse
import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sandbox.sample import fill
from sandbox.settings import Settings
from sandbox.store.portal import Portal

COMPANIES = ("name", "domain", "phone", "city")
CONTACTS = ("first_name", "last_name", "email", "phone", "job_title", "company_domain")
SAME, ALIKE = 6, 8
OWN_FIRM = {"name": "Lindenhof Werkstatt", "domain": "lindenhof-werkstatt.example", "city": "Lübeck"}
# A Push asks whether two firms of one domain are two companies in HubSpot.
BRANCHES = (
    {"name": "Möwe Bootsbau", "domain": "moewe-bootsbau.example", "city": "Kiel"},
    {"name": "Möwe Segelmacherei", "domain": "moewe-bootsbau.example", "city": "Flensburg"},
)
OWN_PEOPLE = (("Jette", "Lindner"), ("Malte", "Brandis"))

Row = dict[str, str]


def companies(portal: Portal) -> list[Row]:
    """Firms of the portal under their domain, by their name alone, without a domain, and three of our own."""
    known = [one.properties for one in portal.companies.all_live()]
    complete = [
        one for one in known if {"name", "domain", "city"} <= one.keys() and _is_phone(one.get("phone"))
    ]
    same = [_of(COMPANIES, one) for one in complete[:SAME]]
    by_name = [{"name": one["name"]} for one in complete[SAME : SAME + 2]]
    without_domain = [_of(("name", "phone", "city"), one) for one in complete[SAME + 2 : SAME + 4]]
    return [*same, *by_name, *without_domain, OWN_FIRM, *BRANCHES]


def contacts(portal: Portal) -> list[Row]:
    """People of these firms: some with their address, others with a private one, and three of our own.

    The last one's address is mistyped in a way that HubSpot does not take, so that a Push has something to
    say under Failing.
    """
    firms = {row["domain"] for row in companies(portal)[:SAME]}
    known = list(_people(portal, firms))
    same = [_contact(one, one["email"]) for one in islice(known, SAME)]
    alike = [
        _contact(one, f"box{number}@post.example") | {"company_domain": OWN_FIRM["domain"]}
        for number, one in enumerate(known[SAME : SAME + ALIKE], start=101)
    ]
    own = [
        {"first_name": first, "last_name": last, "company_domain": OWN_FIRM["domain"]}
        | {"email": f"{first}.{last}@{OWN_FIRM['domain']}".lower()}
        for first, last in OWN_PEOPLE
    ]
    mistyped = {"first_name": "Piet", "last_name": "Harms", "email": "piet.harms@lindenhof-werkstatt.c0m"}
    return [*same, *alike, *own, mistyped | {"company_domain": OWN_FIRM["domain"]}]


def _is_phone(text: str | None) -> bool:
    """Whether a number is of a country whose numbers in the sample have their right length."""
    return bool(text) and text.startswith(("+49", "+1", "040", "+81", "+44"))  # type: ignore[union-attr]


def _people(portal: Portal, domains: set[str]) -> Iterator[Row]:
    """People with all of a name, an address of one of these domains, and a phone number."""
    for one in portal.contacts.all_live():
        given = one.properties
        names = [given.get(name, "") for name in ("firstname", "lastname")]
        is_complete = all(name.isascii() and name.isalpha() for name in names) and _is_phone(
            given.get("phone")
        )
        if "email" in given and is_complete:
            domain = given["email"].partition("@")[2]
            if domain in domains:
                yield {**given, "company_domain": domain}


def _contact(given: Row, email: str) -> Row:
    names = {"first_name": "firstname", "last_name": "lastname", "phone": "phone", "job_title": "jobtitle"}
    own = {name: given[remote] for name, remote in names.items() if remote in given}
    return {**own, "email": email, "company_domain": given["company_domain"]}


def _of(names: tuple[str, ...], given: Row) -> Row:
    return {name: given[name] for name in names if name in given}


def main() -> None:
    """Write `companies.csv` and `contacts.csv` for the sample portal of the usual size."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.sample.book")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    portal = Portal(Settings(), 7)
    fill(portal, companies=400, contacts=2000)
    for name, columns, rows in (
        ("companies", COMPANIES, companies(portal)),
        ("contacts", CONTACTS, contacts(portal)),
    ):
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
