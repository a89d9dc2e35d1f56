"""A warning with links where other records have a domain or e-mail address too, before that is stored.

Nothing is refused for it: who has seen the warning saves all the same.
"""

from flask import request, url_for
from markupsafe import Markup

from webapp.domain.matching.own_domains import is_own
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.identity import KEY_FIELDS, keys_of
from webapp.store.records import identity
from webapp.text.records import SHARED_KEY, SHARED_KEY_REMEDY
from webapp.web.presentation import name_of
from webapp.web.records.forms import RecordForm
from webapp.web.services import page_session

CONFIRMED = "shared_key"
"""The field of the form that says which domain or address was shown with a warning."""

_MOST_NAMED = 3


def warning(object_type: ObjectType, typed: str, record_id: int | None) -> Markup:
    """The warning for a domain or an e-mail address; empty where no other record has it.

    Args:
        object_type: Companies or contacts.
        typed: The domain or address, as it stands in the form.
        record_id: The record that is edited; None for a new one.
    """
    keys = keys_of(object_type, typed)
    if object_type == "companies":
        # What many firms share, such as pages at YouTube, is nothing to look at.
        keys = tuple(filter(is_own, keys))
    found, count = identity.others(page_session(), object_type, keys, record_id, _MOST_NAMED)
    if not count:
        return Markup()
    one, several = SHARED_KEY[object_type]
    links = Markup(", ").join(
        Markup('<a href="{}">{}</a>').format(
            url_for("records.show", object_type=object_type, record_id=record.id),
            name_of(object_type, record),
        )
        for record in found
    )
    more = ", …" if count > len(found) else ""
    begin = one if count == 1 else several.format(count=count)
    return Markup("{}{}{}. {}").format(begin, links, more, SHARED_KEY_REMEDY)


def is_to_be_confirmed(form: RecordForm, record_id: int | None) -> bool:
    """Whether a form gives a domain or an e-mail address that others have, and does not say yes to that yet.

    What the record had already when the form was opened is not asked about again.
    """
    name = key_field(form.object_type)
    typed = form.values.get(name, "")
    if typed == form.seen.get(name, "") or request.form.get(CONFIRMED) == typed:
        return False
    return bool(warning(form.object_type, typed, record_id))


def key_field(object_type: ObjectType) -> str:
    """The name of the field that is looked at."""
    return KEY_FIELDS[object_type]
