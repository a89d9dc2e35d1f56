"""Which account this is, how much of its quota is used, and who its owners are."""

import msgspec

from sandbox.api.shapes import next_page
from sandbox.calls.call import Answer, Call
from sandbox.calls.errors import ApiError, invalid
from sandbox.clock import now_iso
from sandbox.store.owners import Owner


def details(call: Call) -> Answer:
    """The account."""
    settings = call.portal.settings
    return Answer(
        200,
        {
            "portalId": settings.portal_id,
            "accountType": settings.account_type,
            "timeZone": settings.time_zone,
            "companyCurrency": "USD",
            "additionalCurrencies": [],
            "utcOffset": "-05:00",
            "utcOffsetMilliseconds": -18_000_000,
            "uiDomain": settings.ui_domain or call.base_url.partition("//")[2],
            "dataHostingLocation": "na1",
        },
    )


def api_usage(call: Call) -> Answer:
    """Calls made today."""
    settings = call.portal.settings
    usage = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": settings.daily_limit or 1_000_000,
        "currentUsage": call.portal.limits.used_today,
        "collectedAt": now_iso(),
        "fetchStatus": "SUCCESS",
        "resetsAt": f"{now_iso()[:10]}T23:59:59.999Z",
    }
    return Answer(200, {"results": [usage]})


def list_owners(call: Call) -> Answer:
    """Owners, a page at a time."""
    limit = call.number("limit", 100, 500)
    start = _position(call.query.get("after", "0"))
    email, archived = call.query.get("email"), call.flag("archived")
    owners = [o for o in call.portal.owners if o.archived == archived and email in (None, "", o.email)]
    body = {"results": [_shape(owner) for owner in owners[start : start + limit]]}
    if start + limit < len(owners):
        return Answer(200, {**body, "paging": next_page(call, str(start + limit))})
    return Answer(200, body)


def read_owner(call: Call) -> Answer:
    """One owner by id, or by user id with `idProperty`."""
    owner_id, by_user = call.params["id"], call.query.get("idProperty") == "userId"
    for owner in call.portal.owners:
        if owner_id == (str(owner.user_id) if by_user else owner.id) and owner.archived == call.flag(
            "archived"
        ):
            return Answer(200, _shape(owner))
    raise ApiError(404, "resource not found")


def _shape(owner: Owner) -> object:
    found = msgspec.to_builtins(owner)
    return {key: value for key, value in found.items() if value is not None}


def _position(after: str) -> int:
    if not after.isdecimal():
        raise invalid(f"Invalid paging cursor: {after}")
    return int(after)
