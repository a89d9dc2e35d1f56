"""The book of companies and contacts, in somebody's hands."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import reading, writing
from tests.support.pages.page import Element, read_page
from tests.support.samples.factories import NOW
from webapp.domain.records.values import Value
from webapp.models import Company, Contact
from webapp.store.records import records


class Book:
    """What is in the database, and pages read as a person reads them."""

    def __init__(self, app: Flask, client: FlaskClient) -> None:
        self.app = app
        self.client = client

    def company(self, record_id: int) -> Company:
        """A company as it is stored."""
        return self._record("companies", record_id)  # type: ignore[return-value]

    def contact(self, record_id: int) -> Contact:
        """A contact as it is stored."""
        return self._record("contacts", record_id)  # type: ignore[return-value]

    def add(self, object_type: str, **values: object) -> int:
        """Create a record by its form."""
        answer = self.client.post(f"/{object_type}", data=values)
        assert answer.status_code == 303, answer.text
        return int(answer.location.rpartition("/")[2])

    def fill(self, count: int, **values: Value) -> None:
        """Companies "Firm 000", "Firm 001" … unless named otherwise, each changed a minute after another."""
        many: list[dict[str, Value]] = [{"name": f"Firm {number:03}", **values} for number in range(count)]
        with self.app.app_context(), writing() as session:
            ids = records.insert_many(session, "companies", many)
            for number, record_id in enumerate(ids):
                session.get_one(Company, record_id).updated_at = NOW + timedelta(minutes=number)

    def page(self, address: str) -> Element:
        """A page as a browser reads it."""
        return read_page(self.client.get(address).text)

    def names(self, address: str) -> list[str]:
        """The names that a list shows, in its order."""
        return _names_on(self.page(address))

    def link(self, address: str, relation: str) -> str | None:
        """Where the page's link to the next or previous page leads."""
        return _link_on(self.page(address), relation)

    def walk(self, address: str, relation: str) -> tuple[list[list[str]], str]:
        """Follow the links to the end: the names on each page, and the last page's address."""
        page = self.page(address)
        pages = [_names_on(page)]
        while following := _link_on(page, relation):
            address, page = following, self.page(following)
            pages.append(_names_on(page))
        return pages, address

    def form(self, address: str) -> dict[str, str]:
        """What a form would send if nobody touched it."""
        return self.page(address).one("main").all("form")[0].form_values()

    def _record(self, object_type: str, record_id: int) -> records.Record:
        with self.app.app_context(), reading() as session:
            record = records.get(session, object_type, record_id)  # type: ignore[arg-type]
            assert record is not None
            return record


def _names_on(page: Element) -> list[str]:
    return [row.one("a").shown_text for row in page.all("th", scope="row")]


def _link_on(page: Element, relation: str) -> str | None:
    found = page.all("a", rel=relation)
    return found[0]["href"] if found else None
