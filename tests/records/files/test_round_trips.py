"""What an export wrote, an import takes back: here it changes nothing, in an empty book it makes the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.applications.services import reading, writing
from tests.support.samples.factories import make_company, make_contact
from tests.support.usecases.record_files import import_text, run_records
from webapp.domain.records.fields import CUSTOM, FIELDS, Field, ObjectType
from webapp.domain.records.values import clean
from webapp.models import Company, Contact, ContactAddress, FileImport, RecordEdit
from webapp.store.records import custom_fields, records

_SIGNS = "'=+-@\t\r\n\"';, 0é\u200b\ufeff\u00ad\u2060\u200f\uff1d\uff0b\uff0d\uff20\u2028\x0b\x1f\x85"
_texts = st.one_of(
    st.text(alphabet=st.sampled_from(_SIGNS), max_size=12),
    st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    st.sampled_from(
        ["007", "1e5", "2026-02-30", "=1+1", "\n=1", "\uff1d1", "'", "''=x", "sep=;", "a\rb\nc\r\nd"]
    ),
).filter(lambda text: bool(text.strip()))
# What a Pull brings in: it judges neither addresses nor numbers.
_addresses = _texts | st.sampled_from(
    ["x@newco.example", "A@B.DE", "a@xn--mller-kva.de", "a..b@docomo.ne.jp", "a@firm.local.", "@", "nope"]
)
_company = st.fixed_dictionaries(
    {"name": _texts},
    optional=dict.fromkeys(("domain", "website", "phone", "street", "postcode", "description"), _texts)
    | {"employees": st.integers(-(2**31) + 1, 2**31 - 1)}
    | {"custom": st.dictionaries(st.sampled_from(["tier", "seats"]), _texts | st.integers() | st.booleans())},
)
_contact = st.fixed_dictionaries(
    {"last_name": _texts}, optional={"email": _addresses, "first_name": _texts, "mobile": _texts}
)
_few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _clear() -> None:
    with writing() as session:
        for table in (RecordEdit, FileImport, ContactAddress, Contact, Company):
            session.query(table).delete()


def _values(object_type: ObjectType, *, own: bool) -> list[dict[str, Any]]:
    """What is stored; `own`: with numbers and versions."""
    with reading() as session:
        rows: list[Any] = session.query(Company).order_by(Company.id).all()
        if object_type == "contacts":
            rows = session.query(Contact).order_by(Contact.id).all()
        found = [dict(records.values_of(object_type, row)) for row in rows]
    if own:
        return [one | {"id": row.id, "version": row.version} for one, row in zip(found, rows, strict=True)]
    return found


def _import(app: Flask, tmp_path: Path, object_type: str, content: bytes) -> dict[str, Any]:
    code, printed = import_text(app, tmp_path, object_type, content)
    assert code == 0, printed
    return printed


@_few
@given(st.lists(_company, min_size=1, max_size=6), st.lists(_contact, max_size=6))
def test_an_import_of_the_books_own_export_changes_nothing(
    app: Flask, tmp_path: Path, companies: list[dict[str, Any]], contacts: list[dict[str, Any]]
) -> None:
    with app.app_context():
        _clear()
        company_ids = [make_company(**({"domain": None} | one)).id for one in companies]
        for one in contacts:
            make_contact(company_ids[0], **({"first_name": None, "email": None} | one))
        for object_type, count in (("companies", len(companies)), ("contacts", len(contacts))):
            before = _values(object_type, own=True)  # type: ignore[arg-type]
            content = run_records(app, "export", object_type).stdout_bytes
            printed = _import(app, tmp_path, object_type, content)
            assert (printed["created"], printed["updated"], printed["unchanged"]) == (0, 0, count)
            assert printed["warnings"] == []
            assert _values(object_type, own=True) == before  # type: ignore[arg-type]


@pytest.fixture
def defined(app: Flask) -> None:
    """Custom fields of the kinds that files may spoil."""
    fields = [
        Field(f"{CUSTOM}{name}", name, kind, 5_000, options)  # type: ignore[arg-type]
        for name, kind, options in (
            ("since", "date", ()),
            ("seen", "datetime", ()),
            ("likes", "choices", ("golf", "=music", "wine, red")),
            ("vip", "yes_no", ()),
            ("rate", "number", ()),
        )
    ]
    with app.app_context(), writing() as session:
        for one in fields:
            custom_fields.add(session, "companies", one)


def _as_pulled(text: str) -> str:
    """A text as it is stored of a short field: trimmed, and with single blanks."""
    return clean(" ".join((clean(text) or "").split())) or ""


def _as_pulled_at_length(text: str) -> str:
    """The same of a long one, in which lines stay."""
    return clean(text.replace("\r\n", "\n").replace("\r", "\n")) or ""


_plain = _texts.map(_as_pulled).filter(bool)
_custom = st.fixed_dictionaries(
    {},
    optional={
        "since": st.dates().map(lambda day: day.isoformat()),
        "seen": st.just("2026-11-24T08:15:00.000Z"),
        "likes": st.sampled_from(["golf", "=music", "golf;=music;wine, red"]),
        "vip": st.booleans(),
        "rate": st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6),
        "note": _plain,
    },
)


@pytest.mark.usefixtures("defined")
@_few
@given(
    st.lists(
        st.fixed_dictionaries(
            {"name": _plain, "custom": _custom},
            optional={
                "domain": st.sampled_from(["newco.example", "müller.de", "xn--mller-kva.de"]),
                "website": st.sampled_from(["https://medium.com/@acme", "HTTPS://Newco.Example/?a=b@c#d"]),
                "phone": st.sampled_from(["+49 (0)30 123", "0049301234", "-5 123"]),
                "postcode": st.sampled_from(["01067", "00000", "-1"]),
                "employees": st.integers(0, 2**31 - 1),
                "description": _texts.map(_as_pulled_at_length).filter(bool),
                "status": st.sampled_from(["Lead", "Former"]),
            },
        ),
        min_size=1,
        max_size=5,
        unique_by=lambda one: one["name"],
    )
)
def test_an_import_into_an_empty_book_makes_the_same_companies(
    app: Flask, tmp_path: Path, companies: list[dict[str, Any]]
) -> None:
    with app.app_context():
        _clear()
        for one in companies:
            make_company(**({"domain": None} | one | {"custom": one["custom"] or None}))
        before = _values("companies", own=False)
        content = run_records(app, "export", "companies").stdout_bytes
        _clear()
        assert _import(app, tmp_path, "companies", content)["created"] == len(companies)
        assert _values("companies", own=False) == before
        again = _import(app, tmp_path, "companies", content)
        assert (again["created"], again["updated"]) == (0, 0)
        assert _values("companies", own=False) == before


@pytest.mark.one_database
@pytest.mark.parametrize(
    "email",
    [
        *("x@newco.example", "X@firm.local", "a@xn--mller-kva.de", "a@müller.de", "a..b@docomo.ne.jp"),
        *("a&b?cc=x@acme.de", "o'neil+x@acme.de", "=a@acme.de", "-a@acme.de", "ab.@acme.co.uk"),
    ],
)
def test_an_address_that_a_pull_accepts_is_accepted_from_an_export(
    app: Flask, tmp_path: Path, email: str
) -> None:
    with app.app_context():
        company_id = make_company().id
        make_contact(company_id, email=email)
        content = run_records(app, "export", "contacts").stdout_bytes
        with writing() as session:
            session.query(Contact).delete()
        _import(app, tmp_path, "contacts", content)
        assert [one["email"] for one in _values("contacts", own=False)] == [email]


@pytest.mark.one_database
def test_an_export_has_a_column_for_every_field_and_reads_as_a_spreadsheet_would(app: Flask) -> None:
    with app.app_context():
        make_company(name='=HYPERLINK("x")', description="\n=1", street="\uff1d1")
    written = run_records(app, "export", "companies").stdout_bytes.decode()
    assert '"\'=HYPERLINK(""x"")"' in written
    assert '"\'\n=1"' in written
    assert "'\uff1d1" in written
    assert [one.name for one in FIELDS["companies"]] == written.splitlines()[0].split(",")[2:]
