"""The list of companies or contacts: what its address asks, how much there is, and the page of it."""

from collections.abc import Iterator
from typing import Any, cast

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from msgspec.structs import replace
from werkzeug.datastructures import MultiDict

from webapp.domain.changes.plan import VERBS
from webapp.domain.records.fields import COMPANY, ObjectType
from webapp.domain.rules.rule import EVERYTHING, excluded_by, with_company
from webapp.store.connection import connections
from webapp.store.database.pages import Page
from webapp.store.records import company_values, excluded
from webapp.store.records.listing import counting, ordering, standing
from webapp.store.records.listing import lists as record_lists
from webapp.store.records.listing.counting import Count
from webapp.store.records.listing.lists import Listed, Question
from webapp.store.records.listing.standing import STANDINGS
from webapp.store.records.searching import texts, trigrams
from webapp.store.rules import rules
from webapp.text.records.lists import COLUMNS, EXCEPTIONS, ORDERS, STATES, VERB_LABELS, WAYS
from webapp.text.translated import gettext
from webapp.usecases.people import list_columns
from webapp.web.fragments import wants_fragment
from webapp.web.records.field_labels import read_labels
from webapp.web.records.listing import columns
from webapp.web.services import ask, end_reading, page_session

blueprint = Blueprint("record_lists", __name__, url_prefix="/<any(companies, contacts):object_type>")

LONGEST_SEARCH = 300

SAYS_BEHIND_ABOVE = 200
"""How many records must wait for their search text before a list says so."""
_MOST_BEHIND = 10_000


def list_page(object_type: ObjectType) -> ResponseReturnValue:
    """The list; for htmx its rows alone, and how many there are."""
    question = question_of(object_type)
    session = page_session()
    listed, conditions = _listed(object_type, question)
    page, counted = listed.page, _counted(object_type, question, listed)
    is_too_much = bool(question.search and question.sort and counted and counted.kind != "exact")
    shown = columns.shown(object_type, COLUMNS)
    if conditions or columns.have_labels(object_type, shown):
        read_labels(object_type)
    ids = [record.id for record in page.rows]
    context: dict[str, Any] = {
        "object_type": object_type,
        "question": question,
        "page": page,
        "excluded": conditions,
        "columns": shown,
        "offered": columns.offered(object_type, COLUMNS),
        "cell": columns.cell,
        "exceptions": standing.exceptions(session, question.connection_id, object_type, ids),
        "companies": record_lists.companies_of(session, page.rows) if object_type == "contacts" else {},
        "everything": counting.count_all(session, object_type),
        "counted": counted,
        "behind": _behind(question),
        "is_too_much_to_sort": is_too_much,
        "has_index": not (question.search and trigrams.has_no_index(session)),
        "orders": _orders(object_type),
        "states": STATES,
        "ways": WAYS,
        "badges": EXCEPTIONS,
        "verbs": _verbs(object_type),
        "is_narrowed": is_narrowed(question),
        "address": lambda **changed: address_of(object_type, question, **changed),
    }
    if not wants_fragment():
        return render_template("records/listing/index.html", **context)
    answer = make_response(render_template("records/listing/_found.html", **context))
    answer.headers["HX-Replace-Url"] = address_of(object_type, question)
    return answer


@blueprint.post("/columns")
def choose_columns(object_type: ObjectType) -> ResponseReturnValue:
    """Keep the columns that this person wants to see in this list."""
    known = [column.name for column in columns.offered(object_type, COLUMNS)]
    ticked = request.form.getlist("column")
    names = [name for name in known if name in ticked][: columns.MOST_COLUMNS]
    is_usual = "usual" in request.form
    ask(list_columns.choose, current_user.id, object_type, None if is_usual else names)
    if len(ticked) > columns.MOST_COLUMNS:
        room = gettext(
            "A list has room for %(most)s columns: the first ones are shown.", most=columns.MOST_COLUMNS
        )
        flash(room, "warn")
    return redirect(address_of(object_type, question_of(object_type, request.form)), 303)


def _counted(object_type: ObjectType, question: Question, listed: Listed) -> Count | None:
    if not is_narrowed(question):
        return None
    return counting.count_found(page_session(), object_type, question, listed.found)


def is_narrowed(question: Question) -> bool:
    """Whether a list shows less than all active records."""
    return bool(question.search) or question.standing != "any" or question.state != "active"


def question_of(object_type: ObjectType, given: MultiDict[str, str] | None = None) -> Question:
    """A list's question from its address, or a form that carries it; what makes no sense is left out."""
    query = request.args if given is None else given
    connection = connections.current(page_session())
    sort = query.get("sort", "")
    return Question(
        search=query.get("q", "").strip()[:LONGEST_SEARCH],
        sort=sort if ordering.is_sort(object_type, sort) else "",
        state=cast("record_lists.State", _one_of(query, "state", tuple(STATES), "active")),
        standing=cast("standing.Standing", _one_of(query, "linked", STANDINGS, "any")),
        connection_id=connection.id if connection else None,
        after=query.get("after", ""),
        before=query.get("before", ""),
    )


def _one_of(query: MultiDict[str, str], name: str, known: tuple[str, ...], default: str) -> str:
    value = query.get(name, "")
    return value if value in known else default


def address_of(object_type: ObjectType, question: Question, **changed: str) -> str:
    """The list's address, without what it would assume anyway."""
    is_usual = question.sort == ordering.BY_NAME and not question.search
    given: dict[str, Any] = {
        "q": question.search,
        "sort": "" if is_usual else question.sort,
        "state": "" if question.state == "active" else question.state,
        "linked": "" if question.standing == "any" else question.standing,
        **changed,
    }
    kept = {name: text for name, text in given.items() if text}
    return url_for("records.index", object_type=object_type, **kept)


def _orders(object_type: ObjectType) -> list[tuple[str, str]]:
    """The orders to choose from; the first is the one that needs no choice."""
    names = [name for sort in ordering.SORTS[object_type] for name in (sort, f"{ordering.BACKWARDS}{sort}")]
    return [(name, ORDERS[name]) for name in ("", *names)]


def _verbs(object_type: ObjectType) -> list[tuple[str, str]]:
    """The actions for many of them."""
    known = {"push"} | {*VERBS[object_type]} | {"delete"}
    return [(name, text) for name, text in VERB_LABELS.items() if name in known]


def _behind(question: Question) -> int:
    """How many changed records a search does not know by all their words yet; 0 where it hardly matters."""
    if not question.search:
        return 0
    behind = texts.count_changes(page_session(), _MOST_BEHIND)
    return behind if behind > SAYS_BEHIND_ABOVE else 0


def excluded_ids(object_type: ObjectType, question: Question) -> Iterator[list[int]]:
    """The numbers of the records that the rules exclude, a page at a time, for files."""
    while True:
        page = _listed(object_type, question)[0].page
        yield [record.id for record in page.rows]
        end_reading()
        if not page.next:
            return
        question = replace(question, after=page.next)


def _listed(object_type: ObjectType, question: Question) -> tuple[Listed, dict[int, dict[str, Any]]]:
    """The list's page; of those that the rules exclude also the failing condition of each."""
    session = page_session()
    if question.standing != "excluded" or question.connection_id is None:
        return record_lists.read(session, object_type, question), {}
    rule = rules.load(session, question.connection_id, object_type, "out")
    if rule == EVERYTHING:
        return Listed(Page([])), {}
    conditions: dict[int, dict[str, Any]] = {}
    companies: dict[Any, dict[str, Any]] = dict(company_values.for_rule(session, rule))

    def is_excluded(number: int, values: dict[str, Any]) -> bool:
        company = companies.get(values.get("company_id"))
        condition = excluded_by(rule, with_company(rule, values, company))
        if condition is not None:
            conditions[number] = condition
        return condition is not None

    names = {one.field for one in rule.every_condition() if not one.field.startswith(COMPANY)}
    names |= {"company_id"} if rule.company_fields else set()
    found = excluded.excluded_page(session, object_type, question, sorted(names), is_excluded)
    return Listed(found), conditions
