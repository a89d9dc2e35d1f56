"""The word lists of the matching: each is read by the rules, in the form in which the rules compare."""

from __future__ import annotations

from pathlib import Path

import pytest

from webapp.domain import matching
from webapp.domain.records import files, normal
from webapp.domain.records.normal.texts import plain
from webapp.domain.records.normal.word_lists import rows, words

FOLDERS = [Path(package.__path__[0]) for package in (matching, normal, files)]
LISTS = sorted(path.stem for path in Path(normal.__path__[0]).glob("data/*.txt"))


def test_every_list_is_read_by_a_module() -> None:
    code = "".join(path.read_text() for folder in FOLDERS for path in folder.rglob("*.py"))
    assert LISTS
    assert [name for name in LISTS if f'("{name}")' not in code] == []


@pytest.mark.parametrize("name", [name for name in LISTS if name.startswith(("company_", "person_"))])
def test_a_list_holds_its_words_as_the_rules_compare_them(name: str) -> None:
    assert [word for word in words(name) if plain(word) != word] == []


def test_a_comment_is_no_row() -> None:
    assert rows("given_name_forms")[0] == ["abigail", "abby", "gail"]
