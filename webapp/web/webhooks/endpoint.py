"""The endpoint to which HubSpot delivers webhook events: open to all, signed, answered before any work."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from webapp.extensions import csrf
from webapp.hubspot.signature import Delivery
from webapp.text.refusals import refused
from webapp.usecases.webhooks.receive import NotEventsError, UntrustedError, receive
from webapp.web.access import open_to_all
from webapp.web.services import ask, services

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")
csrf.exempt(blueprint)

# HubSpot sends up to 100 webhook events at once, of a few hundred bytes each.
_LARGEST_BODY_BYTES = 1024 * 1024


@blueprint.post("/hubspot")
@open_to_all
def hubspot() -> ResponseReturnValue:
    """Take a delivery in: 204 once it is stored; 401 unsigned, 413 too large, 400 no list of events."""
    request.max_content_length = _LARGEST_BODY_BYTES
    delivery = Delivery(request.method, _address(), request.get_data(cache=False), dict(request.headers))
    try:
        ask(receive, delivery)
    except UntrustedError as error:
        return {"error": error.reason, "message": refused(error)}, 401
    except NotEventsError as error:
        return {"error": error.reason, "message": refused(error)}, 400
    return "", 204


def _address() -> str:
    """The address as configured in HubSpot, whatever a proxy has made of it."""
    query = request.query_string.decode("ascii", "replace")
    return f"{services().settings.public_url}{request.path}{'?' + query if query else ''}"
