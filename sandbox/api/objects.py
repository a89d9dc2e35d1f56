"""One contact or company, and lists of them."""

from sandbox.api.refusing import refuse_forbidden
from sandbox.api.shapes import add_associations, as_cursor, from_cursor, next_page, shaper, written
from sandbox.calls.call import Answer, Call
from sandbox.calls.errors import invalid, not_found
from sandbox.clock import now_iso
from sandbox.store.endings import archive, erase
from sandbox.store.merging import merge
from sandbox.store.table import Record, as_number
from sandbox.store.writes import apply, draft_create, draft_update

MOST_ON_PAGE = 100
MOST_WITH_HISTORY = 50
SHORT_PAGE_SHARE = 2  # with the `short_pages` switch a page holds this part of the limit


def list_objects(call: Call) -> Answer:
    """A page of records by id, with their associations."""
    history = call.names("propertiesWithHistory")
    limit = call.number("limit", 10, MOST_WITH_HISTORY if history else MOST_ON_PAGE)
    if call.portal.settings.short_pages:
        limit = max(1, limit // SHORT_PAGE_SHARE)
    table = call.table
    by_text = call.portal.settings.list_order == "text"
    records, following = table.page(_start(call), limit, archived=call.flag("archived"), by_text=by_text)
    shape = shaper(call.portal, call.kind, table.definitions.projection(call.names("properties")), history)
    answers = [shape(record) for record in records]
    associations = call.names("associations")
    if associations:
        add_associations(call, answers, records, associations)
    if following is None:
        return Answer(200, {"results": answers})
    return Answer(200, {"results": answers, "paging": next_page(call, _cursor(call, following))})


def read_object(call: Call) -> Answer:
    """One record; an id that was merged away answers with the survivor."""
    refuse_forbidden(call, (call.params["id"],))
    record = _requested(call, archived=call.flag("archived"))
    names = call.table.definitions.projection(call.names("properties"))
    answer = shaper(call.portal, call.kind, names, call.names("propertiesWithHistory"))(record)
    associations = call.names("associations")
    if associations:
        add_associations(call, [answer], [record], associations)
    return Answer(200, answer)


def create_object(call: Call) -> Answer:
    """Make one record, associations included."""
    body = call.json()
    record = apply(call.portal, call.kind, draft_create(call.portal, call.kind, body))
    return Answer(201, written(call, set(body["properties"]))(record))


def update_object(call: Call) -> Answer:
    """Change what is named; the answer has what was kept."""
    record = _requested(call)
    body = call.json()
    record = apply(call.portal, call.kind, draft_update(call.portal, call.kind, record, body))
    return Answer(200, written(call, set(body["properties"]))(record))


def archive_object(call: Call) -> Answer:
    """Archive one record; 204 also when there is nothing to archive."""
    record = call.table.follow(call.params["id"])
    if record is not None:
        archive(call.portal, call.kind, record)
    return Answer(204)


def merge_objects(call: Call) -> Answer:
    """Join one record into another for good; the survivor has a new id."""
    body = call.json()
    primary, other = (call.table.follow(body.get(name)) for name in ("primaryObjectId", "objectIdToMerge"))
    for record, name in ((primary, "primaryObjectId"), (other, "objectIdToMerge")):
        if record is None:
            raise not_found(str(body.get(name)))
    if primary is None or other is None or primary.number == other.number:
        raise invalid("Cannot merge an object with itself")
    survivor = merge(call.portal, call.kind, primary, other, now_iso(), new_id=True)
    return Answer(200, written(call, set())(survivor))


def erase_contact(call: Call) -> Answer:
    """Erase a contact for good, by id or by address; an address that nobody has is only blocked."""
    if call.kind.name != "contacts":
        raise invalid("Only contacts can be deleted for privacy")
    body = call.json()
    record = call.table.find_by(body.get("idProperty"), body.get("objectId"))
    if record is not None:
        erase(call.portal, call.kind, record)
    return Answer(204)


def _start(call: Call) -> int:
    """The number that a list's cursor leads to; one that was given out before the kind changed leads on."""
    after = call.query.get("after", "")
    if call.portal.settings.cursors == "opaque" and not after.isdecimal():
        return from_cursor(after)
    if after and not after.isdecimal():
        raise invalid(f"Invalid paging cursor: {after}")
    return as_number(after or "0")


def _cursor(call: Call, number: int) -> str:
    return as_cursor(number) if call.portal.settings.cursors == "opaque" else str(number)


def _requested(call: Call, *, archived: bool = False) -> Record:
    raw_id, table = call.params["id"], call.table
    id_property = call.query.get("idProperty")
    if archived:
        record = table.records.get(as_number(raw_id))
        found = record if record is not None and record.archived_at is not None else table.follow(raw_id)
    elif id_property and id_property != "hs_object_id":
        if not table.is_unique(id_property):
            raise invalid(f"Property {id_property} is not a unique property of {call.kind.type_id}")
        found = table.find_by(id_property, raw_id)
    else:
        found = table.follow(raw_id)
    if found is None:
        raise not_found(raw_id)
    return found
