"""The book of companies and contacts, in somebody's hands."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from tests.support.applications.services import reading
from tests.support.pages.page import Element, read_page
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

    def page(self, address: str) -> Element:
        """A page as a browser reads it."""
        return read_page(self.client.get(address).text)

    def names(self, address: str) -> list[str]:
        """The names that a list shows, in its order."""
        return [row.one("a").shown_text for row in self.page(address).all("th", scope="row")]

    def link(self, address: str, relation: str) -> str | None:
        """Where the page's link to the next or previous page leads."""
        found = self.page(address).all("a", rel=relation)
        return found[0]["href"] if found else None

    def form(self, address: str) -> dict[str, str]:
        """What a form would send if nobody touched it."""
        return self.page(address).one("main").all("form")[0].form_values()

    def _record(self, object_type: str, record_id: int) -> records.Record:
        with self.app.app_context(), reading() as session:
            record = records.get(session, object_type, record_id)  # type: ignore[arg-type]
            assert record is not None
            return record
