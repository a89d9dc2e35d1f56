"""A messy portal meets a book that holds records: one outcome each, in a preview, in any pages, and again."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.samples import alike
from tests.support.samples.factories import make_company, make_contact
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling


@pytest.fixture
def book(sandbox: SandboxServer, connection_id: int) -> int:
    """Records that some objects surely are, that others may be, and that several may be; the connection."""
    alike.fill(sandbox, 5, companies=20, contacts=60)
    for name, domain in (
        ("Brandt Metallbau", "brandt-metallbau.de"),
        ("Brandt Metall", "brandt-metallbau.de"),
    ):
        firm = sandbox.create("companies", {"name": name, "domain": domain, "city": "Husum"})["id"]
        for mailbox in ("info", "nele.thoms", "nele.thoms2"):
            person = {"firstname": "Nele", "lastname": "Thoms", "phone": "04841 551207"}
            sandbox.create("contacts", person | {"email": f"{mailbox}@{firm}.{domain}"}, [firm])
    make_company(name="Brandt Metallbau GmbH", domain="brandt-metallbau.de", city="Husum")
    make_company(name="Brandt Metall Passau", domain="brandt-metallbau.de", city="Passau")
    for phone in ("+49 4841 551207", "04841/55 12 07", "1234567"):
        make_contact(first_name="Nele", last_name="Thoms", phone=phone, email=None)
    make_contact(first_name="N.", last_name="Thoms", phone="04841 551207", email="nt@web.de")
    return connection_id


def _outcomes(run_id: int) -> dict[tuple[str, str | None], tuple[str, str | None]]:
    return {
        (entry.object_type, entry.remote_id): (entry.outcome, entry.reason)
        for entry in pulling.entries(run_id)
        if entry.outcome != "unchanged"
    }


def test_every_record_has_one_outcome_whatever_the_pages_and_in_a_second_pull(
    book: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreseen = []
    for length in (100, 7, 23):
        pulling.short_pages(monkeypatch, length)
        preview = pulling.worked_off(pulling.begun(book, is_preview=True))
        foreseen.append(_outcomes(preview.id))
    assert foreseen[0] == foreseen[1] == foreseen[2]
    first = _outcomes(pulling.pulled(book).id)
    assert first == foreseen[0]
    kinds = Counter(outcome for outcome, _ in first.values())
    assert kinds["held"] >= 4, kinds
    assert kinds["created"] > 50, kinds
    left = {key: end for key, end in first.items() if end[0] in ("held", "skipped")}
    for _ in range(2):
        assert _outcomes(pulling.pulled(book).id) == left
