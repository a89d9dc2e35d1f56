"""One of two objects that are certainly the same goes: ours is archived, and what belongs to it moves along.

Which object stays, and what moves, was written down before; every step may be done again. What an earlier
look has written is told in any case, also where the rest cannot be done any more.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from webapp.domain.push.facts import FoundObject
from webapp.domain.push.outgoing import pushed_changes
from webapp.hubspot.errors import ObjectUnreadable
from webapp.hubspot.objects import Association
from webapp.store.push import creation_checks
from webapp.store.push.creation_checks import Subject
from webapp.store.push.joined import End, Joined
from webapp.usecases.push.finding.lookups import read_alone
from webapp.usecases.push.new_objects.facts import Reader
from webapp.usecases.push.sending.associating import associate_narrowed


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
    with reader.services.database.reading() as session:
        here = creation_checks.linked_records(session, reader.connection_id, "contacts", contacts)
    return [
        End(
            contact,
            is_primary=any(one.to_id == own_id and one.is_primary for one in companies.get(contact, [])),
            was_there=any(one.to_id == survivor_id for one in companies.get(contact, [])),
            record_id=here.get(contact),
        )
        for contact in contacts
    ]


class _Moving(Struct, frozen=True):
    """What was written down: our object, the one that stays, and what moves along."""

    own_id: str
    survivor_id: str
    ends: list[End]

    def pairs(self, reader: Reader, some: Sequence[End]) -> list[tuple[str, str]]:
        """Contact and company of each association with the object that stays."""
        is_contact = reader.policy.object_type == "contacts"
        return [(self.survivor_id, one.id) if is_contact else (one.id, self.survivor_id) for one in some]


def join(reader: Reader, subject: Subject, *, has_begun: bool) -> Joined:
    """Move what belongs to our object to the one that stays, then archive ours; what it came to.

    Args:
        reader: With what is read and written.
        subject: The create, with what is to be done.
        has_begun: Whether an earlier look may have done some of it.
    """
    moving = _moving(subject)
    is_ours = subject.link is not None and subject.link.remote_id == moving.own_id
    survivor = _survivor(reader, moving.survivor_id) if is_ours else None
    if survivor is None:
        # Not linked to anybody by now: any later look at the object decides about its link.
        return break_off(reader, subject) if has_begun else Joined(subject=subject)
    # Its id is another one where it was merged meanwhile.
    moving = _Moving(moving.own_id, survivor.id, moving.ends)
    error = _move(reader, moving)
    if error is not None:
        return Joined(subject=subject, survivor=survivor, error=error)
    ends = _ends_now(reader, moving)
    for refusal in reader.client.archive(reader.policy.object_type, [moving.own_id]).values():
        raise refusal
    values = subject.values or {}
    return Joined(
        subject=subject,
        survivor=survivor,
        own_id=moving.own_id,
        ends=ends,
        is_to_be_sent=bool(pushed_changes(values, survivor.properties, reader.policy.mapping, None)),
    )


def break_off(reader: Reader, subject: Subject) -> Joined:
    """What was written so far of a join that cannot be ended: as HubSpot shows it now."""
    kind, moving = reader.policy.object_type, _moving(subject)
    archived = reader.client.batch_read(kind, [moving.own_id], [], archived=True).by_key
    return Joined(
        subject=subject,
        broken_off=moving.survivor_id,
        own_id=moving.own_id if moving.own_id in archived else "",
        ends=_ends_now(reader, moving, but_missing=True),
    )


def _moving(subject: Subject) -> _Moving:
    moving = subject.moving or {}
    ends = [End(*one) for one in moving["ends"]]
    return _Moving(moving["object_id"], str(subject.survivor_id), ends)


def _survivor(reader: Reader, survivor_id: str) -> FoundObject | None:
    try:
        return read_alone(reader.client, reader.policy, survivor_id)
    except ObjectUnreadable:
        return None


def _move(reader: Reader, moving: _Moving) -> str | None:
    """Associate with the object that stays what belonged to ours; why that could not be done."""
    primary = [one for one in moving.ends if one.is_primary]
    plain = [one for one in moving.ends if one.is_written and not one.is_primary]
    for some, associate in (
        (primary, reader.client.associate_primary),
        (plain, reader.client.associate_plainly),
    ):
        answer = associate_narrowed(associate, moving.pairs(reader, some))
        if answer.missing:
            return "; ".join(one.message for one in answer.errors) or "association_left_out"
    return None


def _ends_now(reader: Reader, moving: _Moving, *, but_missing: bool = False) -> list[End]:
    """What was moved, as it is now: HubSpot makes a contact's first company its primary one, asked or not.

    Args:
        reader: With what is read.
        moving: What was written down.
        but_missing: Whether some may not have been moved, and are left out then.
    """
    unsure = [one for one in moving.ends if one.is_written and (but_missing or not one.is_primary)]
    if not unsure:
        return moving.ends
    pairs = dict(zip((one.id for one in unsure), moving.pairs(reader, unsure), strict=True))
    contacts = list(dict.fromkeys(contact for contact, _ in pairs.values()))
    present = reader.client.associations_of(contacts).insisted_on()
    return [
        now
        for one in moving.ends
        if (now := _end_now(one, present, pairs.get(one.id), but_missing=but_missing)) is not None
    ]


def _end_now(
    end: End, present: Mapping[str, Sequence[Association]], pair: tuple[str, str] | None, *, but_missing: bool
) -> End | None:
    if pair is None:
        return end
    contact, company = pair
    found = next((one for one in present.get(contact, ()) if one.to_id == company), None)
    if found is None or (but_missing and end.is_primary and not found.is_primary):
        return None if but_missing else end
    return end._replace(is_primary=found.is_primary)
