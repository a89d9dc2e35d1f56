"""Sends the planned steps of a page in full batches, and takes what HubSpot answers to each."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct, field

from webapp.domain.mapping.mapping import KEY_PROPERTY
from webapp.domain.push.outgoing import as_properties
from webapp.domain.push.plan import fail, hold, mark_gone, plan_update, settle
from webapp.domain.push.step import PushPolicy, Step, Theirs
from webapp.domain.runs import outcomes
from webapp.errors import TwinbookError
from webapp.hubspot.batches import CreateInput, UpdateInput, UpsertInput, in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import Conflict, HubSpotError, MalformedAnswer, ValidationFailed
from webapp.services import Services
from webapp.store.push import facts as push_facts
from webapp.usecases.push.client_pool import ClientPool, Job
from webapp.usecases.push.find import as_theirs, has_address, read_alone
from webapp.usecases.push.narrowing import Answers, Input, send_narrowed

Write = Callable[[Sequence[Step]], None]
"""Writes settled steps down, in one transaction."""


class Sending(Struct):
    """One page being sent.

    Attributes:
        services: the services of the slice.
        policy: under what terms.
        connection_id: whose objects.
        write: writes settled steps down.
        is_late: whether nothing more should be begun in this slice; one batch always is, or a page that is
            slow to find would never get further.
        has_begun: whether a batch was.
        to_follow: steps that HubSpot's answer sends somewhere else, with that answer.
        trouble: what kept steps from being answered.
    """

    services: Services
    policy: PushPolicy
    connection_id: int
    write: Write
    is_late: Callable[[], bool]
    to_follow: list[tuple[Step, HubSpotError | None]] = field(default_factory=list)
    trouble: TwinbookError | None = None
    has_begun: bool = False


def send(pool: ClientPool, sending: Sending, steps: Sequence[Step]) -> None:
    """Send every step that is not settled, and follow up what HubSpot's answers lead to.

    Raises:
        TwinbookError: Trouble that may pass; what was answered until then is written down.
    """
    _send_all(pool, sending, steps)
    if sending.trouble is None and sending.to_follow:
        elsewhere, sending.to_follow = sending.to_follow, []
        again = [step for step, error in elsewhere if _follow(pool.client, sending, step, error)]
        sending.write([step for step, _ in elsewhere if step.is_settled])
        _send_all(pool, sending, again)
        for step, error in sending.to_follow:
            refuse(step, error)
        sending.write([step for step, _ in sending.to_follow])
    if sending.trouble is not None:
        raise sending.trouble


def _send_all(pool: ClientPool, sending: Sending, steps: Sequence[Step]) -> None:
    open_ones = [step for step in steps if not step.is_settled]
    updates = [step for step in open_ones if step.verb == "update"]
    creates = [step for step in open_ones if step.verb == "create"]
    is_contact = sending.policy.object_type == "contacts"
    with_email = [step for step in creates if is_contact and step.local.key]
    by_key = [step for step in creates if not (is_contact and step.local.key)]
    pool.do(
        [
            *(_job(sending, some, _update) for some in in_batches(updates)),
            *(_job(sending, some, _create) for some in in_batches(with_email)),
            *(_job(sending, some, _upsert) for some in in_batches(by_key)),
        ]
    )


def _job(
    sending: Sending,
    steps: Sequence[Step],
    send_batch: Callable[[HubSpotClient, PushPolicy, Sequence[Step]], Answers],
) -> Job:
    def job(client: HubSpotClient) -> None:
        if (sending.has_begun and sending.is_late()) or sending.trouble is not None:
            return
        sending.has_begun = True
        answers = send_batch(client, sending.policy, steps)
        for step in steps:
            _take(sending, step, answers)
        sending.write([step for step in steps if step.is_settled])
        sending.trouble = sending.trouble or answers.passing

    return job


def _key_of(step: Step) -> str:
    return step.theirs.id if step.verb == "update" and step.theirs else step.local.uuid


def _take(sending: Sending, step: Step, answers: Answers) -> None:
    key = _key_of(step)
    if (result := answers.results.get(key)) is not None:
        settle(step, as_theirs(result), sending.policy)
    elif (error := answers.errors.get(key)) is not None:
        if isinstance(error, Conflict):
            sending.to_follow.append((step, error))
        else:
            refuse(step, error)
    elif key in answers.missing:
        if step.verb == "update":
            sending.to_follow.append((step, None))
        else:
            # Neither made nor refused: nobody may repeat that blindly.
            answers.passing = answers.passing or MalformedAnswer(
                "HubSpot's answer says nothing about some of the objects to create."
            )


def _update(client: HubSpotClient, policy: PushPolicy, steps: Sequence[Step]) -> Answers:
    inputs = [
        UpdateInput(step.theirs.id, as_properties(step.changes, policy.mapping))
        for step in steps
        if step.theirs is not None
    ]
    return send_narrowed(
        lambda some: client.batch_update(policy.object_type, some),
        inputs,
        lambda one: Input(one.id, one.properties),
    )


def _create(client: HubSpotClient, policy: PushPolicy, steps: Sequence[Step]) -> Answers:
    inputs = [
        CreateInput(step.local.uuid, _with_key(step, policy), step.local.company_remote_id) for step in steps
    ]
    return send_narrowed(
        lambda some: client.batch_create(policy.object_type, some),
        inputs,
        lambda one: Input(one.trace_id, one.properties),
    )


def _upsert(client: HubSpotClient, policy: PushPolicy, steps: Sequence[Step]) -> Answers:
    inputs = [UpsertInput(step.local.uuid, as_properties(step.changes, policy.mapping)) for step in steps]
    return send_narrowed(
        lambda some: client.batch_upsert(policy.object_type, KEY_PROPERTY, some),
        inputs,
        lambda one: Input(one.key, one.properties),
    )


def _with_key(step: Step, policy: PushPolicy) -> dict[str, str]:
    properties = as_properties(step.changes, policy.mapping)
    return {**properties, KEY_PROPERTY: step.local.uuid} if policy.has_key else properties


def _follow(client: HubSpotClient, sending: Sending, step: Step, error: HubSpotError | None) -> bool:
    """Look at the object that an answer points to; True when the step is to be sent again."""
    remote_id = error.existing_id if isinstance(error, Conflict) else step.remote_id
    theirs = read_alone(client, sending.policy, remote_id) if remote_id else None
    if error is None:
        return _follow_missing(sending, step, theirs)
    if theirs is None:
        refuse(step, error)
    elif step.verb == "update" or not has_address(theirs.properties, str(step.local.key)):
        hold(step, "email_taken_at_hubspot", hits=[theirs], policy=sending.policy)
    elif (owner := _owner(sending, theirs)) is not None:
        hold(step, "object_linked", hits=[theirs], policy=sending.policy, owners={theirs.id: owner})
    else:
        plan_update(step, theirs, sending.policy)
        return not step.is_settled
    return False


def _follow_missing(sending: Sending, step: Step, theirs: Theirs | None) -> bool:
    """The object was merged away or deleted since it was read."""
    if theirs is None:
        mark_gone(step)
        return False
    if (owner := _owner(sending, theirs)) not in (None, step.local.id):
        hold_merged(step, theirs, owner)
        return False
    plan_update(step, theirs, sending.policy)
    return not step.is_settled


def _owner(sending: Sending, theirs: Theirs) -> int | None:
    with sending.services.database.reading() as session:
        owners = push_facts.owners(session, sending.connection_id, sending.policy.object_type, [theirs.id])
    return owners.get(theirs.id)


def hold_merged(step: Step, survivor: Theirs, owner: int | None) -> None:
    """Its object was merged into one that is linked to another record here."""
    step.verb, step.outcome, step.reason = "leave", outcomes.HELD, "merged_in_hubspot"
    step.detail = {"survivor": survivor.id, "record_id": owner}
    step.theirs, step.changes = None, []
    step.link_state, step.is_settled = "held", True


def refuse(step: Step, error: HubSpotError | None) -> None:
    """HubSpot refused this record alone: its words, and the property and value that it names."""
    message = error.message if error else "record_left_out"
    detail: dict[str, Any] = {"error": message}
    if error is not None:
        sent = {change[0]: change[2] for change in step.changes}
        detail |= {"category": error.category, "correlation_id": error.correlation_id}
        problems = error.problems if isinstance(error, ValidationFailed) else ()
        named = [problem.property_name for problem in problems if problem.property_name]
        detail["property"] = error.property_name or (named[0] if named else None)
        detail["sent"] = sent
    fail(step, "refused_by_hubspot", {name: value for name, value in detail.items() if value})
