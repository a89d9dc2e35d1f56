"""Companies and contacts: one set of pages for both."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.validate import as_text
from webapp.domain.records.values import trimmed
from webapp.store.records import merges, records
from webapp.store.records.listing import lists as record_lists
from webapp.store.records.listing import standing
from webapp.store.records.listing.lists import Question
from webapp.text.records.lists import EXCEPTIONS
from webapp.text.records.records import value_problems
from webapp.text.translated import gettext as _
from webapp.usecases.records.editing import Overtaken, Rejected, create, edit
from webapp.usecases.records.editing import turn as set_active
from webapp.web.addresses import row_number
from webapp.web.deletion.gone import deleted_page
from webapp.web.duplicates.warning import warn_of_resembling
from webapp.web.fragments import wants_fragment
from webapp.web.live.sse import event_stream
from webapp.web.presentation import name_of
from webapp.web.push import red_button
from webapp.web.records import live_page, shared_key
from webapp.web.records.company_choices import company_choices
from webapp.web.records.forms import RecordForm, form_of, read_form
from webapp.web.records.listing import pages as list_pages
from webapp.web.services import ask, page_session

blueprint = Blueprint("records", __name__, url_prefix="/<any(companies, contacts):object_type>")


@blueprint.get("")
def index(object_type: ObjectType) -> ResponseReturnValue:
    """The list; for htmx its rows alone."""
    return list_pages.list_page(object_type)


@blueprint.get("/new")
def new(object_type: ObjectType) -> ResponseReturnValue:
    """An empty form; a contact's may name its company."""
    form = form_of(object_type, {"company_id": request.args.get("company_id", "")}, 0)
    return _form_page(form)


@blueprint.post("")
def add(object_type: ObjectType) -> ResponseReturnValue:
    """Store a new record."""
    form = read_form(object_type)
    if _is_search(form):
        return _form_page(form)
    answer = ask(create, object_type, form.values, user_id=current_user.id)
    if isinstance(answer, Rejected):
        form.errors = value_problems(answer.errors)
        return _form_page(form), 422
    flash(_("The record was added."), "good")
    _warn(form, answer.record_id, warn_of_resembling(object_type, answer.record_id))
    return redirect(url_for(".show", object_type=object_type, record_id=answer.record_id), 303)


@blueprint.get("/<int:record_id>")
def show(object_type: ObjectType, record_id: int) -> ResponseReturnValue:
    """A record with its sync panel; a company also with its contacts."""
    if winner_id := merges.winner_of(page_session(), object_type, record_id):
        return redirect(url_for(".show", object_type=object_type, record_id=winner_id), 301)
    if records.get(page_session(), object_type, record_id) is None and (
        page := deleted_page(object_type, record_id)
    ):
        return page
    record = _found(object_type, record_id)
    context = live_page.context(page_session(), object_type, record)
    context["push"] = red_button.panel(object_type, record_id, context["connection"])
    if object_type == "companies":
        after, before = _cursors()
        question = Question(company_id=record_id, state="any", after=after, before=before)
        contacts = record_lists.page(page_session(), "contacts", question)
        connection_id = context["connection"].id if context["connection"] else None
        ids = [contact.id for contact in contacts.rows]
        exceptions = standing.exceptions(page_session(), connection_id, "contacts", ids)
        context |= {"contacts": contacts, "exceptions": exceptions, "badges": EXCEPTIONS}
        context["contacts_address"] = lambda **place: url_for(
            ".show", object_type=object_type, record_id=record_id, **place
        )
        if wants_fragment():
            return render_template("records/_contacts.html", **context)
    return render_template("records/show.html", **context)


@blueprint.get("/<int:record_id>/stream")
def stream(object_type: ObjectType, record_id: int) -> ResponseReturnValue:
    """The changing parts of a record's page as events, whoever changes it."""
    _found(object_type, record_id)
    seen = request.args.get("seen", "")[:200]
    return event_stream(live_page.RecordStream(object_type, record_id, seen))


@blueprint.get("/<int:record_id>/edit")
def change(object_type: ObjectType, record_id: int) -> ResponseReturnValue:
    """The form of a record."""
    record = _found(object_type, record_id)
    values = {name: as_text(value) for name, value in records.values_of(object_type, record).items()}
    return _form_page(form_of(object_type, values, record.version), record)


@blueprint.post("/<int:record_id>")
def save(object_type: ObjectType, record_id: int) -> ResponseReturnValue:
    """Store a changed record."""
    record = _found(object_type, record_id)
    form = read_form(object_type)
    if _is_search(form):
        return _form_page(form, record)
    answer = ask(
        edit, object_type, record_id, form.version, form.values, seen=form.seen, user_id=current_user.id
    )
    if isinstance(answer, Rejected):
        form.errors = value_problems(answer.errors)
        return _form_page(form, record), 422
    if isinstance(answer, Overtaken):
        form.values, form.seen, form.version = answer.values, answer.seen, answer.version
        form.meanwhile = answer.meanwhile
        return _form_page(form, record), 409
    flash(_("The changes were saved.") if answer.was_changed else _("Nothing was changed."), "good")
    _warn(form, record_id, warn_of_resembling(object_type, record_id) if answer.was_changed else set())
    return redirect(url_for(".show", object_type=object_type, record_id=record_id), 303)


@blueprint.post("/<int:record_id>/active")
def turn(object_type: ObjectType, record_id: int) -> ResponseReturnValue:
    """Deactivate a record, or activate it again."""
    _found(object_type, record_id)
    is_active = request.form.get("active") == "yes"
    ask(set_active, object_type, record_id, is_active=is_active)
    if is_active:
        flash(_("The record is active again."), "good")
    else:
        flash(_("The record is inactive: it is kept, and not sent any more."), "good")
    return redirect(url_for(".show", object_type=object_type, record_id=record_id), 303)


@blueprint.get("/choices")
def choices(object_type: ObjectType) -> ResponseReturnValue:
    """Companies to choose from, for the contact's form."""
    if object_type != "companies":
        abort(404)
    search, chosen = request.args.get("company_search", ""), request.args.get("company_id", "")
    return render_template("records/_company_choices.html", **company_choices(search, chosen))


@blueprint.get("/sharing")
def sharing(object_type: ObjectType) -> ResponseReturnValue:
    """For the form: which other records have the domain or e-mail address that was typed."""
    typed = request.args.get(shared_key.key_field(object_type), "")[: list_pages.LONGEST_SEARCH]
    record_id = request.args.get("record_id", type=row_number)
    sharing = shared_key.warning(object_type, typed, record_id)
    return render_template("records/_sharing.html", sharing=sharing, typed_key=typed)


def _found(object_type: ObjectType, record_id: int) -> records.Record:
    record = records.get(page_session(), object_type, record_id)
    if record is None:
        abort(404, _("There is no such record. It may have been deleted here."))
    return record


def _is_search(form: RecordForm) -> bool:
    """Whether a company is looked for: by its button, or by Enter where one was typed and none chosen."""
    if "find" in request.form:
        return True
    is_chosen = form.values.get("company_id", "") != form.seen.get("company_id", "")
    return "enter" in request.form and bool(trimmed(request.form.get("company_search", ""))) and not is_chosen


def _cursors() -> tuple[str, str]:
    return request.args.get("after", ""), request.args.get("before", "")


def _warn(form: RecordForm, record_id: int, named: set[int]) -> None:
    """Say beside what was saved that another record, not named yet, has the same domain or e-mail address."""
    typed = form.values.get(shared_key.key_field(form.object_type), "")
    if warning := shared_key.warning(form.object_type, typed, record_id, named):
        flash(warning, "warn")


def _form_page(form: RecordForm, record: records.Record | None = None) -> str:
    name = name_of(form.object_type, record) if record is not None else ""
    key_field = shared_key.key_field(form.object_type)
    typed = form.values.get(key_field, "")
    context: dict[str, Any] = {
        "object_type": form.object_type,
        "form": form,
        "record": record,
        "name": name,
        "key_field": key_field,
        "typed_key": typed,
        "sharing": shared_key.warning(form.object_type, typed, record.id if record is not None else None),
    }
    if form.object_type == "contacts":
        context["companies_named"] = _companies_of(form)
        context["is_search"] = request.method == "POST" and _is_search(form)
        context |= company_choices(request.form.get("company_search", ""), form.values.get("company_id", ""))
    return render_template("records/form.html", **context)


def _companies_of(form: RecordForm) -> dict[int, str]:
    """The names of the companies that others gave a contact meanwhile, or took from it."""
    changes = [change for change in form.meanwhile if change.name == "company_id"]
    numbers = {int(one) for each in changes for one in (each.was, each.now, each.mine) if one.isdigit()}
    found = {number: records.get(page_session(), "companies", number) for number in numbers}
    return {number: name_of("companies", row) for number, row in found.items() if row is not None}
