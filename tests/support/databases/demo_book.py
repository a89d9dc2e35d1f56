"""The book that the demo begins with, imported as the demo does it."""

from __future__ import annotations

import csv
from pathlib import Path

from flask import Flask

from sandbox.sample import book, fill
from sandbox.settings import Settings
from sandbox.store.portal import Portal
from tests.support.usecases.record_files import run_records

SIZE = {"companies": 400, "contacts": 2000}
"""The portal beside it."""


def import_book(app: Flask, folder: Path) -> None:
    """Import its companies and contacts."""
    portal = Portal(Settings(), 7)
    fill(portal, **SIZE)
    for name, columns, rows in (
        ("companies", book.COMPANIES, book.companies(portal)),
        ("contacts", book.CONTACTS, book.contacts(portal)),
    ):
        path = folder / f"{name}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
        done = run_records(app, "import", name, str(path))
        assert done.exit_code == 0, done.output
