"""One of two objects that are certainly the same goes: ours is archived, and what belongs to it moves along.

Which object stays, and what moves, was written down before; every step may be done again.
"""

from webapp.domain.push.facts import FoundObject
from webapp.domain.push.outgoing import pushed_changes
from webapp.hubspot.errors import ObjectUnreadable
from webapp.store.push.creation_checks import Subject
from webapp.store.push.joined import End, Joined
from webapp.usecases.push.finding.lookups import read_alone
from webapp.usecases.push.new_objects.facts import Reader


def read_ends(reader: Reader, own_id: str, survivor_id: str) -> list[End]:
    """What is associated with our object, and how: of a company its contacts, of a contact its companies.

    Raises:
        ObjectUnreadable: It is not known of all of them.
    """
    client = reader.client
    if reader.policy.object_type == "contacts":
        given = client.associations_of([own_id, survivor_id]).insisted_on()
        there = {one.to_id for one in given.get(survivor_id, [])}
        has_primary = any(one.is_primary for one in given.get(survivor_id, []))
        return [
            End(one.to_id, is_primary=one.is_primary and not has_primary, was_there=one.to_id in there)
            for one in given.get(own_id, [])
        ]
    contacts = client.contacts_of([own_id]).insisted_on().get(own_id, [])
    companies = client.associations_of(contacts).insisted_on() if contacts else {}
    return [
        End(
            contact,
            is_primary=any(one.to_id == own_id and one.is_primary for one in companies.get(contact, [])),
            was_there=any(one.to_id == survivor_id for one in companies.get(contact, [])),
        )
        for contact in contacts
    ]


def join(reader: Reader, subject: Subject) -> Joined:
    """Move what belongs to our object to the one that stays, then archive ours; what it came to."""
    link, moving = subject.link, subject.moving
    is_ours = link is not None and moving is not None and link.remote_id == moving["object_id"]
    survivor = _survivor(reader, subject) if is_ours else None
    if survivor is None or moving is None:
        # Not linked to anybody by now: any later look at the object decides about its link.
        return Joined(subject=subject)
    ends = [End(*one) for one in moving["ends"]]
    error = _move(reader, survivor.id, ends)
    if error is not None:
        return Joined(subject=subject, survivor=survivor, error=error)
    reader.client.archive(reader.policy.object_type, [moving["object_id"]])
    values = subject.values or {}
    return Joined(
        subject=subject,
        survivor=survivor,
        own_id=moving["object_id"],
        ends=ends,
        is_to_be_sent=bool(pushed_changes(values, survivor.properties, reader.policy.mapping, None)),
    )


def _survivor(reader: Reader, subject: Subject) -> FoundObject | None:
    try:
        return read_alone(reader.client, reader.policy, str(subject.survivor_id))
    except ObjectUnreadable:
        return None


def _move(reader: Reader, survivor_id: str, ends: list[End]) -> str | None:
    """Associate with the object that stays what belonged to ours; why that could not be done."""
    is_contact = reader.policy.object_type == "contacts"

    def pairs(some: list[End]) -> list[tuple[str, str]]:
        return [(survivor_id, one.id) if is_contact else (one.id, survivor_id) for one in some]

    primary = pairs([one for one in ends if one.is_primary])
    plain = pairs([one for one in ends if one.is_written and not one.is_primary])
    for some_pairs, associate in (
        (primary, reader.client.associate_primary),
        (plain, reader.client.associate_plainly),
    ):
        answer = associate(some_pairs) if some_pairs else None
        if answer is not None and answer.missing:
            return "; ".join(one.message for one in answer.errors) or "association_left_out"
    return None
