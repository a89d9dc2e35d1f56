"""Whatever a caller, HubSpot's headers or an operator's file says is understood or refused by name.

Beside `test_parsers`, which has what records, files and answers hold.
"""

from __future__ import annotations

import io
import itertools
import tarfile
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.plain.anything import DEEP, HUGE, answer, as_json, texts, values
from webapp.domain.notifications.moments import summary_moment
from webapp.domain.people.browser import browser_of
from webapp.domain.people.profile import read_email, read_name, read_profile
from webapp.domain.people.zones import zone_of
from webapp.domain.reconcile.schedule import is_comparison_due
from webapp.errors import RefusedError, SettingsError, UnfitError
from webapp.hubspot import auth
from webapp.hubspot.calls import account
from webapp.hubspot.errors import MalformedAnswer
from webapp.hubspot.http import answers
from webapp.hubspot.http.dates import http_date
from webapp.hubspot.http.decoding import decoded
from webapp.installation.doubtful_settings import doubts, refuse_unsafe
from webapp.processes.arrival import Arrival, Verdict
from webapp.settings import Settings, load_settings
from webapp.store.people.users import typed_email
from webapp.text.refusals import stored_text
from webapp.text.runs.runs import record_error
from webapp.usecases.operating import archive
from webapp.web.access import safe_next
from webapp.web.addresses import row_number

URL = "https://book.example.com/login?next="
# What browsers leave out of an address, and what they read as a slash.
_AS_BROWSERS_READ = {ord(one): None for one in "\t\r\n"} | {ord("\\"): "/"}


@given(
    st.binary(max_size=300)
    | st.builds(
        lambda length, rest: b"POST / HTTP/1.1\r\nContent-Length: %s\r\n\r\n%s" % (length, rest),
        st.sampled_from([b"0", b"5", b"05", b"-1", b"65537", b"9" * 5_000, b"5, 5", b"", b"\xb2"]),
        st.binary(max_size=20),
    ),
    st.lists(st.integers(0, 300)),
)
@example(b"\r\n\r\nGET / HTTP/1.1\r\n\r\n", [1, 3])
@example(b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", [20, 37])
def test_however_a_request_is_cut_up_it_arrives_alike(sent: bytes, cuts: list[int]) -> None:
    def verdict(parts: list[bytes]) -> Verdict:
        arrival = Arrival()
        for part in parts:
            if part and (found := arrival.add(part)) is not Verdict.WAIT:
                return found
        return Verdict.WAIT

    places = [0, *sorted(cut for cut in cuts if cut < len(sent)), len(sent)]
    parts = [sent[begin:end] for begin, end in itertools.pairwise(places)]
    assert verdict(parts) == verdict([sent])


@pytest.mark.one_database
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts | st.text("/\\@.:?#\t\r\n evil%2f5c\u2044\uff0f\uff3c\u3002"))
@example("//evil.example")
@example("/\t/evil.example")
@example("/\\evil.example")
@example("/\uff0fevil.example")
@example("https:evil.example")
@example("/[")
def test_the_log_in_leads_on_within_the_site(app: Flask, target: str) -> None:
    with app.test_request_context():
        led_to = safe_next(target)
    as_read = led_to.translate(_AS_BROWSERS_READ).strip()
    assert urlsplit(urljoin(URL, as_read)).netloc == "book.example.com"


@given(texts)
@example("\u0130@example.com")
@example("a@\uff45xample.com")
def test_names_and_addresses_of_people(text: str) -> None:
    browser_of(text)
    row_number(text)
    read_profile(text, text, text, text, frozenset())
    with suppress(UnfitError):
        assert read_name(text).isprintable()
    for one in (text, f"{text}@example.com", f"eve@{text}"):
        with suppress(UnfitError):
            kept = read_email(one)
            assert typed_email(kept) == kept, "whoever has it could not log in"


@given(texts)
@example("Europe")
@example("../../etc/passwd")
@example("a" * 300)
def test_time_zones(name: str) -> None:
    now = datetime.now(UTC)
    zone_of(name)
    summary_moment(now, name)
    is_comparison_due(now, now, name)


@given(texts)
@example("Mon, 01 Jan 2026 00:00:00 +9999999")
@example("Mon, 01 Jan 0000 00:00:00 GMT")
def test_headers_of_hubspot(text: str) -> None:
    http_date(text)
    answers._retry_after_s(text)


_DECODERS: list[Any] = [
    *(account._accounts, account._definition, account._definitions, account._groups, account._owners),
    *(auth._grants, auth._introspections, auth._private_apps, auth._anything),
]


@given(st.binary() | values.map(as_json) | values.map(lambda one: as_json({"results": [one]})))
@example(DEEP)
@example(as_json({"portalId": HUGE, "results": [{"name": "a", "options": [{"value": 1}]}]}))
def test_what_hubspot_says_of_accounts_properties_and_tokens(content: bytes) -> None:
    """To think an answer up takes longer than to read it in every way."""
    for decoder in _DECODERS:
        with suppress(MalformedAnswer):
            decoded(content, decoder, answer(content))


@given(texts | values.map(lambda one: as_json(one).decode()) | st.dictionaries(texts, values).map(str))
@example('{"code": "busy"}')
@example('{"code": "scopes_would_do", "params": {"message": {"a": 1}, "scopes": 7}}')
@example('{"code": "bad_certificate", "params": {"way": [], "said": {}}}')
def test_errors_that_columns_hold(text: str) -> None:
    assert isinstance(stored_text(text), str)
    assert isinstance(record_error(text), str)


_SETTINGS = sorted(set(Settings.__dataclass_fields__) - {"instance_path"})


@given(texts)
@example("https://[")
@example("9" * 5_000)
@example("postgresql://a:b@[/c")
@example("redis://[/0")
@example("a@[/1")
@example("nan")
@example(",")
def test_settings(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "odd-settings"
    for name in _SETTINGS:
        with suppress(SettingsError):
            found = load_settings({name.upper(): text, "INSTANCE_PATH": str(folder)}, folder / "none")
            doubts(found, [text])
            refuse_unsafe(found)
            assert "//" not in found.path_prefix


def packed(manifest: bytes, member: tarfile.TarInfo, content: bytes) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive_:
        described = tarfile.TarInfo(archive.MANIFEST)
        described.size, member.size = len(manifest), len(content)
        archive_.addfile(described, io.BytesIO(manifest))
        archive_.addfile(member, io.BytesIO(content))
    return written.getvalue()


def member(name: str, kind: bytes, leads_to: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, leads_to
    return made


_MANIFEST = {
    "program": "1",
    "revision": "0060",
    "database": "sqlite",
    "made_at": "2026-01-01T00:00:00Z",
    "counts": {},
    "files": {"database.sqlite": {"size_bytes": 1, "sha256": "00"}},
    "key_proof": None,
}
_OF_ANY_KIND = st.builds(
    member,
    st.sampled_from(["database.sqlite", "../database.sqlite", "/etc/passwd", "secret_key"]),
    st.sampled_from([tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE]),
    st.sampled_from(["", "database.sqlite", "/etc/passwd", "../../a"]),
)


@given(
    st.binary()
    | st.builds(
        packed,
        st.binary()
        | values.map(as_json)
        | st.dictionaries(st.sampled_from(sorted(_MANIFEST)), values).map(
            lambda odd: as_json(_MANIFEST | odd)
        )
        | st.just(as_json(_MANIFEST)),
        _OF_ANY_KIND,
        st.binary(),
    )
)
@example(packed(as_json(_MANIFEST), member("database.sqlite", tarfile.SYMTYPE, "database.sqlite"), b""))
def test_files_that_are_no_backup(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("backup") / "file"
    path.write_bytes(content)
    with pytest.raises(RefusedError):
        archive.check(path)
