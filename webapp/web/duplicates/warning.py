"""The warning after saving a record that looks like others; saving is never refused for it."""

from flask import flash, url_for
from markupsafe import Markup, escape

from webapp.domain.records.fields import ObjectType
from webapp.text.matching import evidence_phrase
from webapp.text.records.records import called, held_on_push
from webapp.text.translated import gettext as _
from webapp.usecases.matching import finding
from webapp.usecases.matching.finding import Resembling
from webapp.web.services import ask

_SHARED_KEYS = {"same_email", "same_domain"}
_LINK = Markup('<a href="{}">{}</a> ({})')


def warn_of_resembling(object_type: ObjectType, record_id: int) -> set[int]:
    """Show on the next page which records look like this one, with the way to each and to the comparison.

    Returns:
        The records that are named.
    """
    found = ask(finding.after_edit, object_type, record_id)
    if not found:
        return set()
    links = Markup(", ").join(_link(object_type, one) for one in found)
    compared = url_for("duplicates.show", pair_id=found[0].pair_id)
    text = Markup('{} <a href="{}">{}</a>. {}')
    remedy = held_on_push() if any(_SHARED_KEYS & set(one.evidence) for one in found) else ""
    likeness = escape(_("This record looks like %(records)s.")) % {"records": links}
    flash(text.format(likeness, compared, _("Compare them side by side"), remedy), "warn")
    return {one.record_id for one in found}


def _link(object_type: ObjectType, one: Resembling) -> Markup:
    address = url_for("records.show", object_type=object_type, record_id=one.record_id)
    return _LINK.format(address, called(object_type, one.name), evidence_phrase(one.evidence))
