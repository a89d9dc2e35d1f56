"""Names and e-mail addresses of people: which are accepted."""

from email_validator import EmailNotValidError, validate_email
from msgspec import Struct

from webapp.domain.people.accounts import LANGUAGES
from webapp.errors import Problem, UnfitError, problem

LONGEST_NAME = 200
LONGEST_EMAIL = 254


class Profile(Struct, frozen=True):
    """A person's profile. None stands for UTC, and for the browser's language."""

    name: str
    email: str
    time_zone: str | None = None
    language: str | None = None


def read_name(text: str) -> str:
    """A person's name.

    Raises:
        UnfitError: `person_name`.
    """
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise UnfitError("person_name", limit=LONGEST_NAME)
    return name


def read_email(text: str) -> str:
    """An address to log in with, in lower case.

    Raises:
        UnfitError: `person_email` or `person_email_long`.
    """
    try:
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise UnfitError("person_email", detail=str(error)) from None
    if len(found.normalized) > LONGEST_EMAIL:
        raise UnfitError("person_email_long", limit=LONGEST_EMAIL)
    return found.normalized.lower()


def read_profile(
    name: str, email: str, time_zone: str, language: str, zones: frozenset[str]
) -> tuple[Profile, dict[str, Problem]]:
    """A profile as it was typed, and its problems by field."""
    errors: dict[str, Problem] = {}
    given = {"name": name.strip(), "email": email.strip()}
    for field, read in (("name", read_name), ("email", read_email)):
        try:
            given[field] = read(given[field])
        except UnfitError as error:
            errors[field] = error.problem
    if time_zone and time_zone not in zones:
        errors["time_zone"] = problem("no_time_zone", name=time_zone)
    if language and language not in LANGUAGES:
        errors["language"] = problem("no_language", name=language)
    return Profile(given["name"], given["email"], time_zone or None, language or None), errors
