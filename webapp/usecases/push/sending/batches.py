"""Planned records as the inputs of HubSpot's batch calls, and what each input was answered."""

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from webapp.domain.mapping.mapping import KEY_PROPERTY
from webapp.domain.push.facts import PushPolicy
from webapp.domain.push.outgoing import as_properties
from webapp.domain.push.plan import Sendable, Update, input_key, is_made_by_address
from webapp.domain.push.refusals.refusal import Refusal, RefusedProperty
from webapp.domain.push.result import Answer
from webapp.domain.runs.outcomes import UNSETTLED
from webapp.errors import TwinbookError
from webapp.hubspot.batches import CreateInput, UpdateInput, UpsertInput, in_batches
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import (
    Conflict,
    HubSpotError,
    MalformedAnswer,
    ObjectUnreadable,
    ValidationFailed,
)
from webapp.usecases.push.finding.lookups import as_found
from webapp.usecases.push.sending.client_pool import Job
from webapp.usecases.push.sending.narrowing import Answers, Input, send_narrowed


class Answered(Struct, frozen=True):
    """The answer to a batch.

    Attributes:
        answers: each plan that HubSpot answered, with its answer; the others may be sent again.
        unsettled: each plan that HubSpot could not carry out just now, alone of its batch, and why.
        trouble: what kept the others from being answered.
    """

    answers: tuple[tuple[Sendable, Answer], ...]
    unsettled: tuple[tuple[Sendable, Refusal], ...] = ()
    trouble: TwinbookError | None = None


Send = Callable[[HubSpotClient, PushPolicy, Sequence[Sendable]], Answers]


def batches(policy: PushPolicy, plans: Sequence[Sendable]) -> Iterator[Job[Answered]]:
    """The jobs that send plans in full batches, each kind by its own call."""
    updates = [plan for plan in plans if isinstance(plan, Update)]
    creates = [plan for plan in plans if not isinstance(plan, Update)]
    by_address = [plan for plan in creates if is_made_by_address(plan, policy.object_type)]
    by_key = [plan for plan in creates if not is_made_by_address(plan, policy.object_type)]
    kinds: list[tuple[Send, Sequence[Sendable]]] = [
        (_update, updates),
        (_create, by_address),
        (_upsert, by_key),
    ]
    for send, some in kinds:
        yield from (_job(send, policy, batch) for batch in in_batches(some))


def _job(send: Send, policy: PushPolicy, plans: Sequence[Sendable]) -> Job[Answered]:
    return lambda client: _answered(plans, send(client, policy, plans))


def _answered(plans: Sequence[Sendable], answers: Answers) -> Answered:
    found = [(plan, _answer_to(plan, answers)) for plan in plans if _is_answered(plan, answers)]
    trouble = answers.passing
    if any(_is_lost(plan, answers) for plan in plans):
        # Neither made nor refused: nobody may repeat that blindly.
        trouble = trouble or MalformedAnswer(
            "HubSpot's answer says nothing about some of the objects to create."
        )
    errors = answers.unsettled
    unsettled = [(plan, as_unsettled(errors[key])) for plan in plans if (key := input_key(plan)) in errors]
    return Answered(tuple(found), tuple(unsettled), trouble)


def _is_answered(plan: Sendable, answers: Answers) -> bool:
    key = input_key(plan)
    is_absent = key in answers.missing and isinstance(plan, Update)
    return key in answers.results or key in answers.errors or is_absent


def _is_lost(plan: Sendable, answers: Answers) -> bool:
    return input_key(plan) in answers.missing and not _is_answered(plan, answers)


def _answer_to(plan: Sendable, answers: Answers) -> Answer:
    key = input_key(plan)
    if (result := answers.results.get(key)) is not None:
        return as_found(result)
    error = answers.errors.get(key)
    return as_refusal(error) if error is not None else None


def as_refusal(error: HubSpotError) -> Refusal:
    """HubSpot's error about one record as the domain takes it."""
    properties = tuple(refused_properties(error))
    # Whoever has the address, or our own key, may be the record itself; any other unique value is a field.
    is_conflict = isinstance(error, Conflict) and error.property_name in (None, "email", KEY_PROPERTY)
    return Refusal(
        message=error.stored_text,
        category=error.category,
        correlation_id=error.correlation_id,
        property=error.property_name or next((one.name for one in properties), None),
        is_conflict=is_conflict,
        existing_id=error.existing_id if isinstance(error, Conflict) else None,
        properties=() if is_conflict else properties,
        # HubSpot has no text of its own for a company that is not there any more.
        may_be_about_company=not is_conflict and not properties,
        reason=error.reason if isinstance(error, ObjectUnreadable) else "refused_by_hubspot",
    )


def as_unsettled(error: HubSpotError) -> Refusal:
    """HubSpot's trouble with one record as the domain takes it, once it has not passed."""
    return Refusal(
        message=error.stored_text,
        category=error.category,
        correlation_id=error.correlation_id,
        reason=UNSETTLED,
    )


def refused_properties(error: HubSpotError) -> Iterator[RefusedProperty]:
    """The properties that an error names, as far as it is about their values."""
    problems = error.problems if isinstance(error, ValidationFailed) else ()
    for problem in problems:
        if problem.property_name:
            yield RefusedProperty(problem.property_name, problem.code, problem.message)
    if isinstance(error, Conflict) and error.property_name:
        yield RefusedProperty(error.property_name, message=error.message)


def _update(client: HubSpotClient, policy: PushPolicy, plans: Sequence[Sendable]) -> Answers:
    inputs = [UpdateInput(input_key(plan), as_properties(plan.changes, policy.mapping)) for plan in plans]
    return send_narrowed(
        lambda some: client.batch_update(policy.object_type, some),
        inputs,
        lambda one: Input(one.id, one.properties),
        may_be_absent=True,
    )


def _create(client: HubSpotClient, policy: PushPolicy, plans: Sequence[Sendable]) -> Answers:
    inputs = [
        CreateInput(input_key(plan), _with_key(plan, policy), plan.local.company_remote_id) for plan in plans
    ]
    return send_narrowed(
        lambda some: client.batch_create(policy.object_type, some),
        inputs,
        lambda one: Input(one.trace_id, one.properties),
        # Of several nobody would know which were made; one alone is looked for before it is made again.
        are_alone=client.is_stuck,
    )


def _upsert(client: HubSpotClient, policy: PushPolicy, plans: Sequence[Sendable]) -> Answers:
    inputs = [UpsertInput(input_key(plan), as_properties(plan.changes, policy.mapping)) for plan in plans]
    return send_narrowed(
        lambda some: client.batch_upsert(policy.object_type, KEY_PROPERTY, some),
        inputs,
        lambda one: Input(one.key, one.properties),
    )


def _with_key(plan: Sendable, policy: PushPolicy) -> dict[str, str]:
    properties = as_properties(plan.changes, policy.mapping)
    return {**properties, KEY_PROPERTY: plan.local.uuid} if policy.has_key else properties
