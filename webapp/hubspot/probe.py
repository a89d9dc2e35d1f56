"""One cheap call that shows whether an account can be synced again."""

from webapp.errors import Problem
from webapp.hubspot.batches import UpdateInput
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import NotFound, RequestRefused, ValidationFailed

# HubSpot's numbers begin far above: nothing can be changed under this one.
_NO_OBJECT = "0"


def probe(client: HubSpotClient, problem: Problem) -> None:
    """Make a call that needs what was missing, and changes nothing.

    Args:
        client: Makes it.
        problem: The account's trouble; a missing scope has the `scopes` of which any one would do.

    Raises:
        TwinbookError: What the call met: the trouble lasts, or something else keeps it from being made.
    """
    scopes = [str(scope) for scope in problem.params.get("scopes", ())]
    object_type = "companies" if scopes and all(".companies." in scope for scope in scopes) else "contacts"
    if scopes and all(scope.endswith(".write") for scope in scopes):
        _try_to_write(client, object_type)
    else:
        client.list_page(object_type, ["hs_object_id"], limit=1, with_companies=False)


def _try_to_write(client: HubSpotClient, object_type: str) -> None:
    """Update an object that cannot be: the scope is looked at before the input is."""
    try:
        client.batch_update(object_type, [UpdateInput(_NO_OBJECT, {})])
    except (NotFound, RequestRefused, ValidationFailed):
        return
