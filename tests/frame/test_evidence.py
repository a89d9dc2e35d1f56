"""Evidence as it is read: what speaks for two records being the same, and what against."""

from __future__ import annotations

from flask import Flask
from flask_babel import force_locale

from webapp.text.matching import evidence

FOR_AND_AGAINST = ["same_name", "same_phone", "other_company", "other_email"]


def test_what_speaks_against_begins_with_one_but(app: Flask) -> None:
    assert (
        evidence(FOR_AND_AGAINST)
        == "Same name, same phone number, but another company, another e-mail address"
    )
    assert evidence(["other_company", "same_name"]) == "But another company, same name"
    with app.test_request_context(), force_locale("de_DE"):
        assert evidence(FOR_AND_AGAINST).count("aber") == 1
