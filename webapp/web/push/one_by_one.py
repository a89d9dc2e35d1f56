"""The limit of what a member sends to HubSpot record by record; many at once are an administrator's."""

from flask import abort
from flask_login import current_user

from webapp.text.translated import gettext as _
from webapp.web.people.attempts import attempts


def count_push() -> None:
    """Count a push of one record that this person begins, in whichever way; too many are refused: 429."""
    if not current_user.is_administrator and not attempts().allow_push(current_user.id):
        abort(
            429,
            _(
                "You have pushed sixty records within ten minutes, which is as many as go one by one. Wait a "
                "moment, or ask an administrator, who can push many at once."
            ),
        )
