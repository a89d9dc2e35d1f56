"""Decisions about what needs a person: one at a time, which opens the next, or about many at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_login import current_user

from webapp.domain.held.together import goes_for
from webapp.domain.runs.options import PushRecordOptions
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.store.connection import connections
from webapp.store.connection.connections import Connection
from webapp.store.held import objects as held_objects
from webapp.store.held import records as held_records
from webapp.store.runs.failures import FailureSelection
from webapp.text.translated import gettext as _
from webapp.text.translated import ngettext
from webapp.usecases.failing import retry as retry_failing
from webapp.usecases.held import decisions
from webapp.usecases.held import records as held_pushes
from webapp.usecases.held.decisions import Several
from webapp.usecases.runs import of_record
from webapp.usecases.undo import of_decision
from webapp.web.access import administrators_only
from webapp.web.addresses import row_number
from webapp.web.fragments import lead_to, wants_fragment
from webapp.web.held.confirmation import confirmation, texts_of
from webapp.web.held.item import shown_item
from webapp.web.held.pages import blueprint as blueprint  # noqa: PLC0414 - all of them are bound from here
from webapp.web.held.pages import company_page
from webapp.web.held.queue import Chosen, Item, chosen, decided_together, groups_of, item_after, item_of
from webapp.web.list_counts import all_groups, list_counts
from webapp.web.presentation import number
from webapp.web.records.company_choices import choice_refused
from webapp.web.services import ask, page_session

__all__ = ["blueprint"]

_LEFT = lazy_gettext("%(count)s left as they were: already decided, or without exactly one free candidate.")
# The decisions about many, list by list, each with what is said of those that it left.
_BULK = dict.fromkeys(("link", "apart", "skip"), _LEFT)
_BULK_HERE = dict.fromkeys(("link", "again"), _LEFT)
_BULK_LEFT_OUT = {
    "again": lazy_gettext(
        "%(count)s left as they were: already decided or settled, or taken out by an undo, a merge or a "
        "deletion."
    ),
    "import": lazy_gettext(
        "%(count)s left as they were: already decided or settled, or neither skipped nor taken out by an "
        "undo or a merge."
    ),
}
# The most that one press decides about; the rest waits for the next press.
_MOST_AT_ONCE = 5_000


@blueprint.post("/<int:remote_object_id>/resolution")
def resolve(remote_object_id: int) -> ResponseReturnValue:
    """Take a person's decision about an object; it is stored at once and carried out by a worker."""
    connection, item = _item(str(remote_object_id))
    verb = _verb(item.source if item is not None else "object")
    if "needs_company" in request.form and not request.form.get("company_id", type=row_number):
        nobody = choice_refused(RefusedError("no_such_company"))
        return company_page(remote_object_id, request.form, nobody), 422
    try:
        ask(
            decisions.resolve,
            remote_object_id,
            verb,
            request.form.get("record_id", type=row_number) if verb == "link" else None,
            current_user.id,
            company_id=request.form.get("company_id", type=row_number) if verb == "import" else None,
        )
    except RefusedError as error:
        return company_page(remote_object_id, request.form, choice_refused(error)), 422
    return _decided(connection, item, verb)


@blueprint.post("/records/<int:held_record_id>/resolution")
def resolve_record(held_record_id: int) -> ResponseReturnValue:
    """Take a person's decision about a record; a push of it carries that out."""
    verb = _verb("record")
    connection, item = _item(f"r{held_record_id}")
    if item is None:
        abort(404, _("This has already been dealt with."))
    decision = (
        {"verb": verb} if verb != "link" else {"verb": verb, "remote_id": request.form.get("remote_id", "")}
    )
    ask(
        of_record.start,
        PushRecordOptions(object_type=item.row.object_type, record_id=item.row.record_id),
        user_id=current_user.id,
        decision=None if verb == "again" else decision,
    )
    return _decided(connection, item, verb)


@blueprint.post("/failing/<int:failing_id>/retry")
@administrators_only
def retry(failing_id: int) -> ResponseReturnValue:
    """Try again what failed, one of them, and go on in the queue."""
    connection, item = _item(f"f{failing_id}")
    if item is None:
        abort(404, _("This has already been dealt with."))
    ask(retry_failing.retry, FailureSelection(id=failing_id), current_user.id)
    return _decided(connection, item, "again")


@blueprint.post("/<int:remote_object_id>/withdrawal")
def withdraw(remote_object_id: int) -> ResponseReturnValue:
    """Take a decision back; one that was carried out is undone, and the question asked again."""
    if not ask(decisions.withdraw, remote_object_id):
        return _reverted()
    connection, item = _item(str(remote_object_id))
    if wants_fragment() and connection is not None and item is not None:
        shown = shown_item(page_session(), connection, item, chosen(), is_open=True)
        shown |= {"is_focused": True, "here": chosen().list, **list_counts(connection.id)}
        return render_template("held/_taken_back.html", **shown)
    flash(_("Taken back: it waits for a decision again."), "good")
    return redirect(chosen().address(open=remote_object_id), 303)


@blueprint.post("/resolutions")
@administrators_only
def resolve_several() -> ResponseReturnValue:
    """Decide the same about several held objects: those that were ticked, or all that the filter shows."""
    return _decide_several(_BULK, decisions.resolve_several, "index")


@blueprint.post("/records/resolutions")
@administrators_only
def resolve_several_records() -> ResponseReturnValue:
    """Link several held records, each to its only candidate, or push them again: as one push."""
    return _decide_several(_BULK_HERE, held_pushes.resolve_several, "records")


@blueprint.post("/not-imported/resolutions")
@administrators_only
def resolve_several_left_out() -> ResponseReturnValue:
    """Look again at several objects that were left out, or import them after all."""
    return _decide_several(_BULK_LEFT_OUT, decisions.resolve_several, "not_imported")


def _reverted() -> ResponseReturnValue:
    """Undo what was carried out already, where the log knows of it."""
    object_type, remote_id = request.form.get("type", ""), request.form.get("remote_id", "")[:30]
    connection = connections.latest(page_session())
    started = None
    if connection is not None:
        started = ask(of_decision.undo_decision, connection.id, object_type, remote_id, current_user.id)
    if started is None:
        flash(_("It has already been carried out. Find it in the sync log and undo it there."), "warn")
        return lead_to(url_for("sync_log.index", kind="decisions"))
    if wants_fragment():
        name, key = request.form.get("name", "")[:300], request.form.get("key", "")[:20]
        return render_template("held/_undone.html", name=name, key=key, run_id=started.run_id)
    flash(_("It had already been carried out. It is being undone; afterwards you are asked again."), "good")
    return redirect(chosen().address(), 303)


def _verb(source: str) -> Any:
    verb, known = request.form.get("verb", ""), texts_of(source)
    if verb not in known:
        abort(400, _("Choose what is to happen: %(verbs)s.", verbs=", ".join(known)))
    return verb


def _item(key: str) -> tuple[Connection | None, Item | None]:
    connection = connections.latest(page_session())
    return connection, item_of(page_session(), connection.id, key) if connection is not None else None


def _decided(connection: Connection | None, item: Item | None, verb: str) -> ResponseReturnValue:
    """Say what was decided in place of the line, and open the next one."""
    if connection is None or item is None:
        return redirect(url_for("held.index"), 303)
    session, part = page_session(), chosen()
    everything = all_groups(connection.id)
    groups = groups_of(session, connection.id, everything, part.list)
    following = item_after(session, connection.id, part, groups, item)
    if wants_fragment():
        return render_template(
            "held/_decided.html",
            confirmation=confirmation(item, verb),
            part=part,
            following=shown_item(session, connection, following, part, is_open=True) if following else None,
            here=part.list,
            **list_counts(connection.id, everything),
        )
    key = following.key if following is not None else None
    address = part.address(decided=item.key, verb=verb, open=key)
    return redirect(f"{address}#decided", 303)


def _decide_several(
    verbs: Mapping[str, Any],
    decide: Callable[[Services, Sequence[int], Any, int | None], Several],
    list_name: str,
) -> ResponseReturnValue:
    """The answer to a decision about several, in each list: it leads to the run, if there is one."""
    verb = request.form.get("verb", "")
    if verb not in verbs:
        abort(400, _("Choose what is to happen to all of them: %(verbs)s.", verbs=", ".join(verbs)))
    # The list is come back to as it was filtered.
    filters: dict[str, Any] = {name: request.form.get(name) or None for name in ("type", "reason", "q")}
    back = url_for(f"held.{list_name}", **filters)
    is_about_all = request.form.get("which") == "all" and not request.form.get("q")
    ids = _all_ids(list_name, verb) if is_about_all else _chosen_ids()
    if not ids:
        flash(_("None was ticked, so nothing was decided."), "warn")
        return redirect(back, 303)
    done = ask(decide, ids[:_MOST_AT_ONCE], verb, current_user.id)
    _flash_result(done, verbs[verb])
    if done.run_id is not None:
        return redirect(url_for("sync_log.show", run_id=done.run_id), 303)
    return redirect(back, 303)


def _chosen_ids() -> list[int]:
    numbers = map(row_number, request.form.getlist("id"))
    return [one for one in numbers if one is not None]


def _flash_result(done: Several, of_left: Any) -> None:
    message = ngettext("%(count)s decided.", "%(count)s decided.", done.decided, count=number(done.decided))
    if done.left:
        message = f"{message} {str(of_left) % {'count': number(done.left)}}"
    flash(message, "good" if done.decided else "warn")


def _all_ids(list_name: str, verb: str) -> list[int]:
    """All that the list's filter shows, as far as one press goes; first what the decision goes for."""
    session = page_session()
    connection = connections.latest(session)
    if connection is None:
        return []
    part = Chosen(list_name, request.form.get("type") or None, request.form.get("reason") or None)
    shown = decided_together(part, groups_of(session, connection.id, all_groups(connection.id), list_name))
    if list_name == "records":
        return held_records.ids(session, connection.id, shown, limit=_MOST_AT_ONCE)
    meant = [group for group in shown if goes_for(verb, group.state, group.reason)]
    found = held_objects.ids(session, connection.id, meant, limit=_MOST_AT_ONCE)
    # The others are left, and counted as such.
    others = [group for group in shown if group not in meant]
    return found + held_objects.ids(session, connection.id, others, limit=_MOST_AT_ONCE - len(found))
