"""A warning with links where other records have a domain or e-mail address too; nothing is refused for it."""

from collections.abc import Collection

from flask import url_for
from markupsafe import Markup

from webapp.domain.matching.own_domains import is_own
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.identity import KEY_FIELDS, keys_of
from webapp.store.records import identity
from webapp.text.records.records import SHARED_KEY, shared_key_remedy
from webapp.web.presentation import name_of
from webapp.web.services import page_session

_MOST_NAMED = 3


def warning(
    object_type: ObjectType, typed: str, record_id: int | None, named: Collection[int] = ()
) -> Markup:
    """The warning for a domain or an e-mail address; empty where no other record has it.

    Args:
        object_type: Companies or contacts.
        typed: The domain or address, as it stands in the form.
        record_id: The record that is edited; None for a new one.
        named: Records that another warning names already; the warning is empty if it would name one of them.
    """
    keys = keys_of(object_type, typed)
    if object_type == "companies":
        # A domain that many firms share, such as that of YouTube, needs no warning.
        keys = tuple(filter(is_own, keys))
    found, count = identity.others(page_session(), object_type, keys, record_id, _MOST_NAMED)
    if not count or not {record.id for record in found}.isdisjoint(named):
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
    return Markup("{}{}{}. {}").format(begin, links, more, shared_key_remedy())


def key_field(object_type: ObjectType) -> str:
    """The name of the field to check."""
    return KEY_FIELDS[object_type]
