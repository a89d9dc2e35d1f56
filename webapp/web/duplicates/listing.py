"""The list of possible duplicates: its question from an address, its tabs, and what it can be filtered by."""

from typing import Any

from flask import url_for

from webapp.domain.duplicates.pairs import STATES, STRENGTHS
from webapp.domain.records.fields import OBJECT_TYPES
from webapp.store.connection import connections
from webapp.store.duplicates.lists import LINKED, Count, Question
from webapp.text import duplicates as texts
from webapp.text.matching import SIGNALS
from webapp.text.records.records import OBJECT_TYPES as TYPE_LABELS
from webapp.text.translated import gettext as _
from webapp.web.presentation import number_or_more
from webapp.web.services import page_session

_LONGEST_SEARCH = 300


def question_of(given: Any) -> Question:
    """The list's question from an address or a form; what makes no sense is left out."""
    connection = connections.latest(page_session())
    object_type: Any = given.get("type")
    state: Any = given.get("state")
    strength, linked, sign = given.get("strength", ""), given.get("linked", "any"), given.get("sign", "")
    return Question(
        object_type=object_type if object_type in OBJECT_TYPES else "companies",
        state=state if state in STATES[:2] else "open",
        sign=sign if sign in SIGNALS else "",
        strength=strength if strength in STRENGTHS else "",
        linked=linked if linked in LINKED else "any",
        search=given.get("q", "").strip()[:_LONGEST_SEARCH],
        connection_id=connection.id if connection else None,
    )


def filter_of(question: Question) -> dict[str, str]:
    """A question as an address or a form carries it, without what it would assume anyway."""
    given = {
        "type": question.object_type if question.object_type != "companies" else "",
        "state": question.state if question.state != "open" else "",
        "sign": question.sign,
        "strength": question.strength,
        "linked": question.linked if question.linked != "any" else "",
        "q": question.search,
    }
    return {name: text for name, text in given.items() if text}


def address_of(question: Question, **changed: str) -> str:
    """The list's address, with what is changed of it."""
    given: dict[str, Any] = {**filter_of(question), **changed}
    given = {name: text for name, text in given.items() if text}
    return url_for("duplicates.index", **given)


def tabs_of(counted: list[Count]) -> list[tuple[dict[str, str], str, int]]:
    """The lists: what their address carries, their label and count."""
    found: list[tuple[dict[str, str], str, int]] = []
    for name in OBJECT_TYPES:
        count = sum(one.count for one in counted if (one.object_type, one.state) == (name, "open"))
        found.append(({"type": name if name != "companies" else ""}, TYPE_LABELS[name][1], count))
    apart = sum(one.count for one in counted if one.state == "not_the_same")
    return [*found, ({"state": "not_the_same"}, texts.STATES["not_the_same"], apart)]


def sign_choices(counted: list[Count], question: Question) -> list[tuple[str, str]]:
    """The leading signs that the list can be filtered by, with the number of pairs of each."""
    counts: dict[str, int] = {}
    for one in counted:
        if (one.object_type, one.state) == (question.object_type, question.state):
            counts[one.sign] = counts.get(one.sign, 0) + one.count
    return [
        ("", _("Any")),
        *((name, f"{texts.sign(name)} ({number_or_more(counts[name])})") for name in counts),
    ]


def strength_choices(counted: list[Count], question: Question) -> list[tuple[str, str]]:
    """The degrees of likelihood that the list can be filtered by, with the number of pairs of each."""

    def of(strength: str) -> int:
        named = (question.object_type, question.state, strength)
        return sum(one.count for one in counted if (one.object_type, one.state, one.strength) == named)

    return [
        ("", _("Any")),
        *((name, f"{texts.STRENGTHS[name]} ({number_or_more(of(name))})") for name in STRENGTHS),
    ]
