"""Sample data: a believable portal of any size, the same for the same seed."""

from random import Random

from sandbox.sample.companies import make_company
from sandbox.sample.contacts import make_contact
from sandbox.sample.people import link_people
from sandbox.store.associations import PRIMARY, UNLABELED
from sandbox.store.portal import Portal
from sandbox.store.properties.schema import Option
from sandbox.store.table import Record, Table

CUSTOM_STAGE = "148220931"


def fill(portal: Portal, *, companies: int, contacts: int) -> None:
    """Put sample records into an empty portal."""
    random = Random(portal.seed)
    _add_custom_stage(portal)
    used_domains: set[str] = set()
    made = portal.companies
    for index in range(companies):
        _add(made, make_company(random, index, companies, made, used_domains))
    people = portal.contacts
    for index in range(contacts):
        employers = link_people(random, index, made.live)
        first = made.records[employers[0]].properties if employers else {}
        _add(people, make_contact(random, index, contacts, first, people))
        _associate(portal, people.live[-1], employers)
    for company in made.all_live():
        count = len(portal.associations.of("companies", company.number, "contacts"))
        company.properties["num_associated_contacts"] = str(count)


def _add(table: Table, properties: dict[str, str]) -> None:
    number = table.new_id()
    properties["hs_object_id"] = str(number)
    table.add(Record(number, properties))


def _associate(portal: Portal, contact: int, employers: list[int]) -> None:
    if not employers:
        return
    plain, back = UNLABELED["contacts", "companies"], UNLABELED["companies", "contacts"]
    to_companies = portal.associations.pairs["contacts", "companies"]
    to_contacts = portal.associations.pairs["companies", "contacts"]
    is_primary_known = len(employers) != 2  # noqa: PLR2004 - portals hold contacts with two companies, none primary
    for order, company in enumerate(employers):
        is_primary = order == 0 and is_primary_known
        types = (PRIMARY["contacts"], plain) if is_primary else (plain,)
        to_companies.setdefault(contact, {})[company] = types
        to_contacts.setdefault(company, {})[contact] = (PRIMARY["companies"], back) if is_primary else (back,)
        if is_primary:
            portal.contacts.records[contact].properties["associatedcompanyid"] = str(company)


def _add_custom_stage(portal: Portal) -> None:
    for table in portal.tables.values():
        stage = table.definitions.properties["lifecyclestage"]
        stage.options.append(Option("Partner onboarding", CUSTOM_STAGE, len(stage.options)))
