"""Texts in the language of who reads them; outside of a request in English, as they stand in the code."""

import flask_babel


def gettext(text: str, **given: object) -> str:
    """A text with its parameters, `%(name)s`."""
    return str(flask_babel.gettext(text, **given))


def ngettext(one: str, several: str, number: int, **given: object) -> str:
    """A text that depends on a number, which is also its parameter `%(num)s`."""
    return str(flask_babel.ngettext(one, several, number, **given))
