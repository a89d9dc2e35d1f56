"""The language of a page: the person's choice, else the browser's first that we have."""

from flask import g, has_request_context, request

from webapp.domain.people.accounts import LANGUAGES
from webapp.text.translated import DEFAULT


def chosen() -> str:
    """The language of the present request; outside of one, English."""
    if not has_request_context():
        return DEFAULT
    # `web.access` has looked who asks; the page about a database that is away must not look again.
    own = getattr(g.get("_login_user"), "language", None)
    return own if own in LANGUAGES else _of_browser()


def _of_browser() -> str:
    """The first language that the browser asks for and there is: German for `de-AT, en`."""
    tags = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality)
    return next((one for one in tags if one in LANGUAGES), DEFAULT)
