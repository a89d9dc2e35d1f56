"""The book of companies and contacts, in somebody's hands."""

from __future__ import annotations

import html
import re

from flask import Flask
from flask.testing import FlaskClient

from webapp.extensions import db
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

    def names(self, address: str) -> list[str]:
        """The names that a list shows, in its order."""
        page = self.client.get(address).text
        rows = re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', page)
        return [html.unescape(name) for name in rows]

    def link(self, address: str, relation: str) -> str | None:
        """Where the page's link to the next or previous page leads."""
        found = re.search(rf'rel="{relation}" href="([^"]+)"', self.client.get(address).text)
        return html.unescape(found[1]) if found else None

    def form(self, address: str) -> dict[str, str]:
        """What a form would send if nobody touched it."""
        page = self.client.get(address).text
        form = page[page.index("<form", page.index("<main")) :]
        values = dict(re.findall(r'<input[^>]*\bname="([^"]+)"[^>]*?\bvalue="([^"]*)"', form))
        values |= dict(
            re.findall(r'<textarea[^>]*\bname="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL)
        )
        for name, options in re.findall(r'<select[^>]*\bname="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
            chosen = re.search(r"<option selected>([^<]*)</option>", options)
            values[name] = chosen[1] if chosen else ""
        return {name: html.unescape(text) for name, text in values.items()}

    def _record(self, object_type: str, record_id: int) -> records.Record:
        with self.app.app_context():
            record = records.get(db.session(), object_type, record_id)  # type: ignore[arg-type]
            assert record is not None
            db.session.expunge(record)
            return record
