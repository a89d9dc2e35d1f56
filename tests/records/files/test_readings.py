"""Files as spreadsheets and other programs write them, and those that nobody can read."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.support.applications.services import reading
from tests.support.usecases.record_files import import_text, run_records
from webapp.domain.records.files.encoding import encoding_of
from webapp.domain.records.files.header import separator_row
from webapp.domain.records.files.headings import separator_of
from webapp.errors import Problem
from webapp.models import Company
from webapp.usecases.records.files.reading import look_at, rows_of

pytestmark = pytest.mark.one_database

_TEXT = "name,city\r\nMüller & Söhne,Köln\r\nŁódź,Łódź\r\n"


def _stored(app: Flask) -> list[tuple[str | None, str | None]]:
    with app.app_context(), reading() as session:
        return [(row.name, row.city) for row in session.query(Company).order_by(Company.id)]


@pytest.mark.parametrize(
    ("encoded", "name"),
    [
        (_TEXT.encode(), "UTF-8"),
        (_TEXT.encode("utf-8-sig"), "UTF-8"),
        (b"\xff\xfe" + _TEXT.encode("utf-16-le"), "UTF-16"),
        (b"\xfe\xff" + _TEXT.encode("utf-16-be"), "UTF-16"),
        (_TEXT.encode("utf-16-le"), "UTF-16"),
        (_TEXT.encode("utf-16-be"), "UTF-16"),
    ],
)
def test_the_encoding_of_a_file_is_found_out(app: Flask, tmp_path: Path, encoded: bytes, name: str) -> None:
    code, printed = import_text(app, tmp_path, "companies", encoded)
    assert (code, printed["encoding"]) == (0, name)
    assert _stored(app) == [("Müller & Söhne", "Köln"), ("Łódź", "Łódź")]


def test_what_is_no_utf_8_is_windows_1252(app: Flask, tmp_path: Path) -> None:
    code, printed = import_text(app, tmp_path, "companies", "name;city\nMüller €;Köln\n".encode("cp1252"))
    assert (code, printed["encoding"], printed["separator"]) == (0, "Windows-1252", ";")
    assert _stored(app) == [("Müller €", "Köln")]


def test_utf_8_that_was_damaged_is_not_read_as_something_else() -> None:
    found = encoding_of(["name\nMüller\nKöln\n".encode() + b"Z\xfcrich\n"])
    assert found == Problem("damaged_text", {"line": 4})


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])), st.integers(1, 7))
def test_utf_8_is_never_taken_for_another_encoding(text: str, size: int) -> None:
    encoded = f"name\n{text}".encode()
    parts = [encoded[:16], *(encoded[at : at + size] for at in range(16, len(encoded), size))]
    assert encoding_of(parts) == "utf-8-sig"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], max_codepoint=0xFFFF)))
def test_utf_16_is_known_by_its_header(text: str) -> None:
    header = "first_name,last_name,email,company_domain\n"
    little, big = (f"{header}{text[:20]}".encode(name) for name in ("utf-16-le", "utf-16-be"))
    assert (encoding_of([little]), encoding_of([big])) == ("utf-16-le", "utf-16-be")


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_and_line_ends_are_found_out(
    app: Flask, tmp_path: Path, separator: str, line_end: str
) -> None:
    rows = [["name", "city"], ['"A, B; C"', '"one\ntwo"'], ["D", ""]]
    text = line_end.join(separator.join(row) for row in rows) + line_end
    assert import_text(app, tmp_path, "companies", text)[0] == 0
    assert _stored(app) == [("A, B; C", "one two"), ("D", None)]


@pytest.mark.parametrize("line", ["sep=^\r\n", '"sep=^"\n', "SEP=^\n"])
def test_a_first_line_that_names_the_separator_is_no_row(app: Flask, tmp_path: Path, line: str) -> None:
    code, printed = import_text(app, tmp_path, "companies", f"{line}name^city\nA^B\nC^D^E\n")
    assert (code, [error["row"] for error in printed["errors"]]) == (1, [3])


def test_the_separator_is_that_of_the_names() -> None:
    assert separator_of('"name";"custom.a,b"\n', "companies") == ";"
    assert separator_of("name\n", "companies") == ","
    assert separator_row("sep=\t\n") == "\t"
    assert separator_row("sep,name\n") is None


def test_blank_columns_at_the_end_and_unseen_signs_around_names_do_no_harm(
    app: Flask, tmp_path: Path
) -> None:
    assert import_text(app, tmp_path, "companies", "\ufeff\ufeffname\u200b, city ,,\nA,B,,\n")[0] == 0
    assert _stored(app) == [("A", "B")]


@pytest.mark.parametrize(
    ("content", "reason", "text"),
    [
        (",".join(f"c{number}" for number in range(32_000)).encode(), "wrong_header", "32,000 columns"),
        (b"name\n" + b"x" * 1_000_001 + b"\n", "unreadable", "line 2 has more than 1,000,000"),
        (b'name\n"' + b"x\n" * 100_000 + b'"\n', "unreadable", "row 2 has a cell of more than"),
        (b'name\nA\n"B\n', "unreadable", "quotation mark in row 3"),
        (b'name\nA "B\n"A" B\n', "unreadable", "row 3 has a quotation mark within"),
        (b"PK\x03\x04\x14\0", "unreadable", "it is a workbook"),
        (b"name\0\0\0\x01\x02", "unreadable", "it is no text"),
        (b"\xff\xfen\0a\0m\0e\0\n\0A", "unreadable", "no letters in utf-16"),
    ],
)
def test_what_cannot_be_read_is_refused_as_a_whole(
    app: Flask, tmp_path: Path, content: bytes, reason: str, text: str
) -> None:
    code, printed = import_text(app, tmp_path, "companies", content)
    assert (code, printed["error"]) == (1, reason)
    assert text in printed["message"]
    assert len(printed["message"]) < 2_000
    assert _stored(app) == []


def test_a_large_file_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    line = b"name,description\n" + b"Acme," + b"x" * 2_000 + b"\n"
    path.write_bytes(line + (b"Acme," + b"x" * 2_000 + b"\n") * 10_000)
    tracemalloc.start()
    try:
        look = look_at(path, "companies")
        count = sum(1 for _ in rows_of(path, look, "companies"))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 10_001
    assert most < path.stat().st_size / 4


def test_a_person_reads_how_the_file_was_read(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes("name\tcity\nMüller\tKöln\n".encode("cp1252"))
    result = run_records(app, "import", "companies", str(path))
    assert "read as Windows-1252 with tabs between" in result.stdout


_OF_GERMANY = "first_name;last_name\nJürgen;Groß\nRené;Höhe\n"


@pytest.mark.parametrize(
    "text", [_OF_GERMANY, "name\rKäserei Köln\rFrançois Lefèvre\r", "name\nPeña\nGarção Núñez\nMünch\n"]
)
def test_a_file_of_an_older_mac_is_read_as_one(text: str) -> None:
    assert encoding_of([text.encode("mac-roman")]) == "mac-roman"
    assert encoding_of([text.encode("cp1252")]) == "cp1252"


@pytest.mark.parametrize(
    "text", ["name\nL\u2019Oréal \u2013 “Škoda”… Žižka\n", "name\nBœuf & Cœur\n", "name\n100 € Šimić™\n"]
)
def test_signs_of_windows_make_no_mac(text: str) -> None:
    assert encoding_of([text.encode("cp1252", "ignore")]) == "cp1252"


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp1250", "Łódź"),
        ("cp1250", "Dvořák"),
        ("cp1250", "Nováček Jiří"),
        ("cp1250", "Szűcs Gergő\nErdős Márton"),
        ("cp1250", "Żółkiewski\nMączyński"),
        ("cp1250", "Štefánik\nĽudmila Kováčová"),
        ("cp1250", "Țepeș".replace("Ț", "Ţ").replace("ș", "ş") + "\nBrăila\nBăsescu"),
        ("iso8859-2", "Wąsik Małgorzata\nŚwiątek\nBełżyce"),
        ("cp1251", "Иванов"),
        ("cp1251", "Ольга Шевченко"),
        ("cp1253", "Παπαδόπουλος"),
        ("cp1254", "Y\u0131lmaz\nŞahin\nAğaoğlu"),
        ("cp1257", "Bērziņš\nKalniņš"),
        ("mac-roman", "München"),
        ("mac-roman", "Käthe"),
        ("mac-roman", "René"),
        ("cp850", "Müller\nGroß\nKäthe"),
        ("cp932", "株式会社トヨタ\n東京"),
        ("gb18030", "北京科技有限公司\n王小明"),
        ("big5", "台北科技股份有限公司\n陳美玲"),
        ("cp949", "삼성전자\n김민준"),
        ("cp1252", "Müller"),
        ("cp1252", "Françoise Lefèvre"),
        ("cp1252", "Peña\nNúñez"),
        ("cp1252", "João Gonçalves"),
        ("cp1252", "Jørgen Ærø"),
        ("cp1252", "Sjöström Åsa"),
        ("cp1252", "Bœuf & Cœur"),
        ("cp1252", "GROSS & MÜLLER\nCAFÉ"),
        ("cp1252", "100 €"),
        ("cp1252", "L\u2019Oréal"),
    ],
)
def test_a_few_names_show_in_which_encoding_they_are_written(encoding: str, names: str) -> None:
    assert encoding_of([f"name\n{names}\n".encode(encoding)]) == encoding


@pytest.mark.parametrize(
    ("encoding", "word"),
    [
        ("gb18030", "上海市浦东新区陆家嘴环路科技有限公司" * 20),
        ("cp1251", "Рентгеноэлектрокардиографического" * 4),
    ],
)
def test_a_word_of_any_length_shows_its_encoding(encoding: str, word: str) -> None:
    """A likelihood of so many letters is smaller than any float, and East Asia has no blanks."""
    assert encoding_of([f"name\n{word}\n".encode(encoding)]) == encoding


@pytest.mark.parametrize("byte", range(0x80, 0x100))
def test_a_file_of_one_byte_beside_ascii_has_an_encoding_that_knows_it(byte: int) -> None:
    for content in (bytes([byte]), b"name\n" + bytes([byte])):
        found = encoding_of([content])
        assert isinstance(found, str)
        assert "\ufffd" not in content.decode(found, "replace")


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        # Windows-1252, 1254 and others read it alike, and so do Windows-1250 and Latin 2.
        (b"Ren\xe9", "cp1252"),
        (b"name\nRen\xe9\n", "cp1252"),
        ("Wałęsa".encode("iso8859-2"), "cp1250"),
        # One sign has no letters to go by.
        (b"\xa7", "cp1252"),
        (b"name\n\x80 5\n", "cp1252"),
    ],
)
def test_what_several_encodings_read_alike_is_in_the_one_met_most(content: bytes, encoding: str) -> None:
    assert encoding_of([content]) == encoding


def test_a_byte_far_behind_tells_against_an_encoding_that_does_not_know_it() -> None:
    """The lines by which the encoding is guessed are the first ones."""
    lines = [f"M\u00fcller {number}" for number in range(300)]
    content = "\n".join(["name", *lines]).encode("cp1250") + "\n\u0164apko\u0165\n".encode("cp1250")
    assert encoding_of([content]) == "cp1250"


def test_a_person_names_the_encoding_on_the_command_line(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes("name;city\nPet\u0151fi;X\n".encode("cp1250"))
    result = run_records(app, "import", "companies", str(path), "--encoding", "cp1250")
    assert "read as Windows-1250" in result.stdout
    assert _stored(app) == [("Pet\u0151fi", "X")]


@pytest.mark.parametrize(
    "content",
    [
        *(
            b"name,city\nBir\0ke,Ulm\n",
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
            b"7z\xbc\xaf\x27\x1c",
            b"\x1f\x8b\x08abc",
        ),
        *(b"{\\rtf1\\ansi", b"\x89PNG\r\n", "name\nBirke\n".encode("utf-32")),
    ],
)
def test_what_is_no_text_is_called_so(content: bytes) -> None:
    found = encoding_of([content])
    assert isinstance(found, Problem)
    assert found.code == "no_text"
