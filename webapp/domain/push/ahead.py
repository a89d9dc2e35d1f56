"""Whether the objects of a page may be looked up before the previous page has been sent.

A linked record's object is read by its id, which no other record's push changes. An unlinked record may turn
out to be an object that the previous page creates or changes: then the look-up would come too early.
"""

from collections.abc import Iterator, Sequence

from webapp.domain.mapping.incoming import further_domains
from webapp.domain.push.decide import Candidates
from webapp.domain.push.facts import FoundObject, Local
from webapp.domain.push.recognition.recognition import plain_name
from webapp.domain.records.fields import ObjectType
from webapp.domain.records.keys import domain_key, email_key


def shares_signs(
    sent: Sequence[Local], candidates: Candidates, behind: Sequence[Local], object_type: ObjectType
) -> bool:
    """Whether an unlinked record behind may be found by what a record that is sent before it leaves.

    Args:
        sent: The records of the page ahead.
        candidates: By record, the objects found for these.
        behind: The records of the page behind it.
        object_type: What they are.
    """
    sought = {sign for local in behind if not local.is_linked for sign in _of_record(local, object_type)}
    if not sought:
        return False
    left = (
        sign
        for local in sent
        for some in (
            _of_record(local, object_type),
            *(_of_object(one, object_type) for one in candidates.get(local.id, ())),
        )
        for sign in some
    )
    return any(sign in sought for sign in left)


def _of_record(local: Local, object_type: ObjectType) -> Iterator[str]:
    """By what a record is found, and what it may turn out to be."""
    yield from local.met_ids
    yield from (one.remote_id for one in local.questions)
    if local.chosen_id is not None:
        yield local.chosen_id
    if object_type == "contacts":
        yield from local.addresses
    else:
        yield from (sign for sign in (local.key, plain_name(local.values.get("name"))) if sign)


def _of_object(remote: FoundObject, object_type: ObjectType) -> Iterator[str]:
    has = remote.properties.get
    yield remote.id
    if object_type == "contacts":
        given = (has("email"), *(has("hs_additional_emails") or "").split(";"))
        yield from (sign for one in given if (sign := email_key(one)))
    else:
        given_domains = (domain_key(has("domain")), *further_domains(remote.properties))
        yield from (sign for sign in (*given_domains, plain_name(has("name"))) if sign)
