"""One address, two renderings: the whole page, or only its changing part."""

from htmx_flask import request


def wants_fragment() -> bool:
    """Whether htmx requests the part that it swaps; a page taken from the history is a whole one."""
    return bool(request.htmx) and not request.htmx.history_restore_request
