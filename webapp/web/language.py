"""In which language a page speaks: the person's own, else the first of the browser's that there is."""

from flask import has_request_context, request
from flask_login import current_user

LANGUAGES = {"en": "English"}
DEFAULT = "en"


def chosen() -> str:
    """The language of the present request; outside of one, English."""
    if not has_request_context():
        return DEFAULT
    own = getattr(current_user, "language", None)
    return own if own in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or DEFAULT
