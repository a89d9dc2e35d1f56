"""Every switch of the sandbox, in one typed place, changeable while it runs."""

from typing import Annotated, Any, Literal

import msgspec

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Settings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What the portal does, apart from the faults that are queued beside it."""

    portal_id: int = 111222
    account_type: str = "STANDARD"
    time_zone: str = "US/Eastern"
    ui_domain: str = ""  # host of the pages, such as app-eu1.hubspot.com; empty: where the call came in
    api_versions: tuple[str, ...] = ("v3", "2026-03", "2026-09")
    rate_limit: Annotated[int, msgspec.Meta(ge=1)] | None = 190  # calls per 10 s, None: not enforced
    daily_limit: Annotated[int, msgspec.Meta(ge=1)] | None = 625_000
    search_limit: Annotated[int, msgspec.Meta(ge=1)] | None = 5  # searches per second
    rate_headers: bool = True
    retry_after_on_429: bool = False
    latency_ms: Seconds = 0
    search_delay_s: Seconds = 2
    access_token_life_s: Seconds = 1800
    code_life_s: Seconds = 60
    rotate_refresh_tokens: bool = False
    renews_for: int | None = None  # another portal, for which access tokens are renewed by mistake
    empty_values: Literal["null", "absent"] = "null"
    to_object_id: Literal["number", "string"] | None = None  # None: as the API version has it
    errors_list: bool = True
    short_pages: bool = False
    cursors: Literal["next_id", "opaque"] = "next_id"  # of lists
    list_order: Literal["number", "text"] = "number"  # how a list orders ids
    batch_in_input_order: bool = False
    refused_text: str = ""  # look-ups whose values hold this are refused
    forbidden_ids: tuple[str, ...] = ()  # objects that the app's user may neither see nor edit
    first_company_becomes_primary: bool = True
    auto_company: bool = False  # a company is made and associated by the domain of a new contact's address
    auto_company_delay_s: Seconds = 2
    auto_company_lag_s: Seconds = 0  # a company younger than this is not seen, and so made a second time
    format_phones: bool = False  # an account setting of HubSpot's: phone numbers lose their punctuation
    lifecyclestage_on_create: str | None = None
    withheld_scopes: tuple[str, ...] = ()
    webhook_url: str | None = None  # where the app takes webhook events; None: none are sent
    webhook_signatures: Literal["both", "v1", "v3"] = "both"
    webhook_delay_s: Seconds = 0.2
    webhook_batch_size: Annotated[int, msgspec.Meta(ge=1, le=100)] = 100
    webhook_retry_s: Seconds = 1  # the first pause; each further one is twice as long
    webhook_shuffle: bool = False
    webhook_duplicates: Share = 0
    webhook_loss: Share = 0
    webhook_properties_first: bool = False
    webhook_merge_deletions: bool = True
    webhook_seed: int = 7


def changed(settings: Settings, changes: dict[str, Any]) -> Settings:
    """The settings with some of them replaced.

    Raises:
        msgspec.ValidationError: a name is unknown or a value does not fit.
    """
    return msgspec.convert({**msgspec.structs.asdict(settings), **changes}, Settings)


def from_text(assignment: str) -> dict[str, Any]:
    """Read `name=value` of the command line; the value is JSON, or else plain text.

    Raises:
        ValueError: there is no equals sign.
    """
    name, sign, text = assignment.partition("=")
    if not sign:
        raise ValueError(f"{assignment!r} should read name=value")
    try:
        return {name: msgspec.json.decode(text)}
    except msgspec.DecodeError:
        return {name: text}
