"""One address, two renderings: the whole page, or only its changing part."""

from flask import Response, redirect
from flask.typing import ResponseReturnValue
from htmx_flask import request


def wants_fragment() -> bool:
    """Whether htmx requests the part that it swaps; a page taken from the history is a whole one."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def lead_to(address: str) -> ResponseReturnValue:
    """Lead to another page: htmx would swap in what a plain redirect leads to."""
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)
