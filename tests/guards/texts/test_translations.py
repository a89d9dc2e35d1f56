"""Every catalogue of translations has each text once, whole, and with the same parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from webapp.domain.people.accounts import LANGUAGES
from webapp.text.translated import DEFAULT

ROOT = Path(__file__).resolve().parents[3]
CATALOGUES = ROOT / "webapp" / "translations"
TRANSLATED = sorted({*LANGUAGES} - {DEFAULT})
PARAMETER = re.compile(r"%\((\w+)\)s|\{(\w+)")
TAG = re.compile(r"</?[a-z]+")

MessageId = str | tuple[str, ...]


@cache
def marked() -> frozenset[MessageId]:
    """Every text that templates and code mark, as `make translations` finds them."""
    with (ROOT / "babel.cfg").open() as config:
        methods, options = parse_mapping_cfg(config, "babel.cfg")  # type: ignore[no-untyped-call]
    keywords = {**DEFAULT_KEYWORDS, "mark": None, "lazy_gettext": None}
    found = extract_from_dir(str(ROOT), methods, options, keywords)
    return frozenset(one if isinstance(one, str) else tuple(one[:2]) for _, _, one, *_rest in found if one)


@cache
def catalogue(language: str) -> Catalog:
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def messages(language: str) -> Iterator[Message]:
    return (one for one in catalogue(language) if one.id)


def forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def parameters(text: str) -> set[str]:
    return {"".join(found) for found in PARAMETER.findall(text)}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_the_texts_of_the_code_and_no_others(language: str) -> None:
    """Else `make translations` takes them in."""
    known = {one.id if isinstance(one.id, str) else tuple(one.id) for one in messages(language)}
    assert marked() - known == set()
    assert known - marked() == set()


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_and_nothing_is_guessed(language: str) -> None:
    assert len(list(messages(language))) > 2000
    assert [one.id for one in messages(language) if not all(forms(one.string)) or one.fuzzy] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_parameters_tags_and_forms_of_the_text(language: str) -> None:
    plurals = catalogue(language).num_plurals
    for one in messages(language):
        translated, meant = forms(one.string), forms(one.id)
        assert len(translated) == (1 if isinstance(one.id, str) else plurals), one.id
        assert {name for text in translated for name in parameters(text)} == {
            name for text in meant for name in parameters(text)
        }, one.id
        assert sorted(TAG.findall(translated[0])) == sorted(TAG.findall(meant[0])), one.id
        assert [text[-1:].isspace() for text in translated] == [meant[-1][-1:].isspace()] * len(translated), (
            one.id
        )


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        compiled = {forms(one.id)[0]: forms(one.string) for one in read_mo(file) if one.id}
    assert compiled == {forms(one.id)[0]: forms(one.string) for one in messages(language)}
