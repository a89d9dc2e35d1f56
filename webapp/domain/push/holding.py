"""Records that a push leaves to a person, with the objects in question."""

from collections.abc import Mapping as Values
from collections.abc import Sequence

from webapp.domain.push.facts import FoundObject, Local, PushPolicy
from webapp.domain.push.outgoing import SentChange
from webapp.domain.push.plan import Hold
from webapp.domain.push.recognition.likeness import likeness
from webapp.domain.push.recognition.recognition import remote_name

IN_QUESTION = "candidate_of_held"
"""The reason of a record that a push leaves, since a held object may be it: that object asks the question."""

OF_SKIPPED = "candidate_of_skipped"
"""The same where each such object was skipped: the record asks the question."""


def hold(
    local: Local,
    reason: str,
    candidates: Sequence[FoundObject],
    policy: PushPolicy,
    *,
    owners: Values[str, int] | None = None,
    regained: tuple[SentChange, ...] = (),
) -> Hold:
    """Hold a record because of objects that it may be, or that prevent its creation.

    Args:
        local: The record.
        reason: As in `webapp.domain.runs.outcomes`.
        candidates: The objects in question.
        policy: The policy in force.
        owners: The records that have them, where that is the question.
        regained: What the log does not have yet of an earlier push.
    """
    shown = [
        {
            "remote_id": one.id,
            "name": remote_name(policy.object_type, one),
            **likeness(local, one, policy),
        }
        | ({"record_id": owners[one.id]} if owners and one.id in owners else {})
        for one in candidates
    ]
    return Hold(local=local, reason=reason, detail={"candidates": shown}, regained=regained)


def hold_merged(
    local: Local, survivor: FoundObject, owner: int, *, regained: tuple[SentChange, ...] = ()
) -> Hold:
    """Hold a record whose object was merged into one that is linked to another record here."""
    return Hold(
        local=local,
        reason="merged_in_hubspot",
        detail={"survivor": survivor.id, "record_id": owner},
        link_state="held",
        regained=regained,
    )


def hold_in_question(local: Local, policy: PushPolicy) -> Hold:
    """Hold a record that a held object may be, with the object's own question."""
    names = policy.mapping.property_names
    shown = [
        {
            "remote_id": one.remote_id,
            "name": one.name,
            "evidence": list(one.evidence),
            "points": one.points,
            "properties": {names.get(field, field): text for field, text in one.properties.items() if text},
        }
        for one in local.questions
    ]
    reason = OF_SKIPPED if all(one.is_skipped for one in local.questions) else IN_QUESTION
    return Hold(local=local, reason=reason, detail={"candidates": shown})
