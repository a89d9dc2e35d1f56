"""Validation of typed values of a record's fields: every rule, as pure functions.

What a pull brings in is not judged here, so that a record may hold what would be refused from a person. Such
a value never stands in the way: a field that is sent back as it was is not judged again.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from msgspec import Struct, field

from webapp.domain.records.conversions import (
    in_order,
    is_of_two_meanings,
    parts,
    read_moment,
    read_number,
    read_typed_day,
    read_yes_no,
)
from webapp.domain.records.fields import CUSTOM, FIELDS, STATUSES, Field, FieldKind, ObjectType
from webapp.domain.records.keys import domain_key
from webapp.domain.records.normal.hosts import bare_email
from webapp.domain.records.normal.whole_numbers import whole_number
from webapp.domain.records.values import Value, clean, same, visible
from webapp.errors import Problem, UnfitError, problem

LONGEST_CUSTOM_VALUE = 5_000
MOST_CUSTOM_FIELDS = 100

_LARGEST_INTEGER = 2**31 - 1
_LARGEST_CUSTOM_INTEGER = 2**63 - 1
_FEWEST_PHONE_DIGITS = 3
_CUSTOM_NAME = re.compile(r"[^\W\d_][\w-]{0,59}")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
_WHITE_SPACE = re.compile(r"\s+")
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
# Addresses that mail servers accept against the standards, such as ones with two dots in a row.
_MAILBOX = re.compile(r"[^\s@\"<>()\[\]\\,;:\x00-\x1f]{1,64}")
_PATH = re.compile(r"[/?#]")
_BETWEEN = re.compile(r"\s/\s|[\s,;|]+")
_NO_HOST = re.compile(r"[^\w.:\u3002\uff0e\uff61\u0300-\U0010ffff-]")
# What is put around an address in a text.
_AROUND = re.compile(r"""[<("'`]+(.+?)[>)"'`]+[,;]?""")
_LINE_END = re.compile(r"\r\n?|\n")
# In these nobody means a character that nobody sees.
_ADDRESSES: tuple[FieldKind, ...] = ("email", "domain", "url", "phone")
# At least one of these identifying fields must be filled; the problem is shown at the first.
_RECOGNISABLE: dict[ObjectType, tuple[tuple[str, ...], Problem]] = {
    "companies": (("name", "domain"), problem("nameless_company")),
    "contacts": (("first_name", "last_name", "email"), problem("nameless_contact")),
}


class Checked(Struct):
    """The result of validating a form.

    Attributes:
        values: every field of the object type, custom ones as `custom.NAME`, as it would be stored.
        errors: by field name, what is wrong.
    """

    values: dict[str, Value]
    errors: dict[str, Problem] = field(default_factory=dict)


def check(
    object_type: ObjectType,
    given: Mapping[str, str],
    stored: Mapping[str, Value],
    custom: Sequence[Field] = (),
) -> Checked:
    """Validate a whole record.

    Args:
        object_type: Companies or contacts.
        given: What was typed, by field name and `custom.NAME`; a field that is missing keeps its value.
        stored: The record's present values, empty for a new one.
        custom: The definitions of custom fields; one that has none is judged by what it holds.
    """
    checked = Checked(dict.fromkeys((item.name for item in FIELDS[object_type]), None) | dict(stored))
    for item in (*FIELDS[object_type], *custom):
        if item.name in given:
            judge, has_lines = partial(_judge, item, stored.get(item.name)), item.kind == "long_text"
            _take(checked, item.name, given[item.name], stored, judge, has_lines=has_lines)
    defined = {item.name for item in custom}
    for name in (name for name in given if name.startswith(CUSTOM) and name not in defined):
        _take(checked, name, given[name], stored, _custom_judge(name, stored.get(name)))
    _check_whole(object_type, checked, stored)
    return checked


def as_text(value: object) -> str:
    """A stored value as a form or a CSV file shows it; `check` takes it back unchanged."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _take(
    checked: Checked,
    name: str,
    typed: str,
    stored: Mapping[str, Value],
    judge: Callable[[str], Value],
    *,
    has_lines: bool = False,
) -> None:
    """Add the value, or its problem."""
    if name in stored and _is_untouched(typed, as_text(stored[name]), has_lines=has_lines):
        return
    text = clean(_LINE_END.sub("\n", typed))
    checked.values[name] = text
    if text is None:
        return
    try:
        checked.values[name] = judge(text)
    except UnfitError as error:
        checked.errors[name] = error.problem


def _is_untouched(typed: str, stored: str, *, has_lines: bool) -> bool:
    """Whether a field comes back as a form shows it: line ends change, and a control of one line has none."""
    return same(typed, stored) or (not has_lines and same(typed, _LINE_END.sub("", stored)))


def _judge(item: Field, held: Value, text: str) -> Value:
    if item.kind in _ADDRESSES:
        text = visible(text)
    if item.kind != "long_text":
        text = _WHITE_SPACE.sub(" ", text)
    if len(text) > item.max_length:
        raise UnfitError("too_long", limit=item.max_length, length=len(text))
    if item.kind in ("choice", "choices"):
        return _options(item, held, text)
    judge = _JUDGES.get(item.kind)
    return judge(text) if judge else text


def _email(text: str) -> str:
    address = bare_email(text)
    mailbox, _, host = address.rpartition("@")
    try:
        # Nothing is sent there, so names reserved for testing are as good as any.
        found = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        if _MAILBOX.fullmatch(mailbox) and _is_host(host):
            return f"{mailbox}@{host.lower()}"
        raise UnfitError("no_email", detail=_as_clause(str(error))) from None
    # A name of other letters is kept in the form in which it was typed.
    return f"{found.local_part}@{host.lower()}" if host.isascii() else found.normalized


def _is_host(text: str) -> bool:
    """Whether a text is nothing but a host name with an existing ending."""
    return bool(_HOST.fullmatch(text)) and domain_key(text) is not None


def _as_clause(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _phone(text: str) -> str:
    refusal = UnfitError("no_phone")
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException as error:
        # Without a country code the rules of no country apply; what looks like a number is taken.
        if error.error_type != phonenumbers.NumberParseException.INVALID_COUNTRY_CODE or "+" in text[:2]:
            raise refusal from None
        if sum(letter.isdigit() for letter in text) < _FEWEST_PHONE_DIGITS:
            raise refusal from None
        return text
    if not phonenumbers.is_possible_number(number):
        raise refusal
    return text


def _domain(text: str) -> str:
    several = dict.fromkeys(key for part in _BETWEEN.split(text) if (key := domain_key(part)))
    if len(several) > 1:
        raise UnfitError("several_domains", domains=", ".join(several))
    domain = domain_key(text)
    # An e-mail address names a person; what comes behind the host may hold an @ as well.
    authority = _PATH.split(text.partition("//")[2] or text, maxsplit=1)[0]
    if domain is None or not _HOST.fullmatch(domain) or "@" in authority:
        raise UnfitError("no_domain")
    typed = text.lower().strip(".").removeprefix("www.")
    # A name of other letters is kept in the form in which it was typed; its key is the same in both.
    return typed if typed.isascii() and _HOST.fullmatch(typed) else domain


def _url(text: str) -> str:
    around = _AROUND.fullmatch(text)
    address = (around[1] if around else text).rstrip(",;")
    scheme = _SCHEME.match(address)
    domain = domain_key(address)
    is_of_web = scheme is None or address.lower().startswith(("http://", "https://"))
    rest = address.partition("//")[2] if scheme else address.removeprefix("//")
    authority = _PATH.split(rest, maxsplit=1)[0]
    # An e-mail address is no page; a user name is allowed only behind a scheme.
    host = authority.rpartition("@")[2] if scheme else authority
    is_host = domain is not None and domain_key(host) == domain and not _NO_HOST.search(host)
    if not (is_of_web and is_host) or " " in address or not _HOST.fullmatch(domain or ""):
        raise UnfitError("no_url")
    return address


def _integer(text: str) -> int:
    number = whole_number(text.replace(" ", ""), _LARGEST_INTEGER)
    if number is None:
        raise UnfitError("no_integer")
    return number


def _number(text: str) -> int | float:
    digits = text.replace(" ", "")
    if is_of_two_meanings(digits):
        whole, fraction = digits.replace(".", ""), digits.rstrip("0").rstrip(".")
        raise UnfitError("number_of_two_meanings", whole=whole, fraction=fraction)
    try:
        return read_number(digits)
    except ValueError:
        raise UnfitError("no_number") from None


def _date(text: str) -> str:
    try:
        return read_typed_day(text)
    except ValueError:
        raise UnfitError("no_date") from None


def _datetime(text: str) -> str:
    try:
        return read_moment(_dashed(text))
    except ValueError:
        raise UnfitError("no_datetime") from None


def _dashed(text: str) -> str:
    """Refuse digits alone: HubSpot reads them as milliseconds, which no person means."""
    if "-" not in text[1:]:
        raise ValueError("no date")
    return text


def _yes_no(text: str) -> bool:
    try:
        return read_yes_no(text)
    except ValueError:
        raise UnfitError("no_yes_no") from None


def _options(item: Field, held: Value, text: str) -> str:
    """One option, or several joined by `;`, each in the spelling of its definition.

    Of several choices those may stay that the record holds and that are not offered any more.
    """
    offered = [option for option in item.options if option not in item.retired]
    kept = parts(held) if item.kind == "choices" and isinstance(held, str) else []
    known = {option.lower(): option for option in (*kept, *offered)}
    chosen = parts(text) if item.kind == "choices" else [text]
    unknown = [option for option in chosen if option.lower() not in known]
    if unknown or not chosen:
        raise UnfitError("no_option", given=(unknown or [text])[0], options=tuple(offered))
    return in_order([known[option.lower()] for option in chosen], item.options)


def _status(text: str) -> str:
    for status in STATUSES:
        if status.lower() == text.lower():
            return status
    raise UnfitError("no_status", options=STATUSES)


def _company(text: str) -> int:
    number = whole_number(text, _LARGEST_INTEGER)
    if number is None:
        raise UnfitError("no_company_number")
    return number


_JUDGES: dict[FieldKind, Callable[[str], Value]] = {
    "email": _email,
    "phone": _phone,
    "domain": _domain,
    "url": _url,
    "integer": _integer,
    "number": _number,
    "date": _date,
    "datetime": _datetime,
    "yes_no": _yes_no,
    "status": _status,
    "company": _company,
}


def _custom_judge(name: str, stored: object) -> Callable[[str], Value]:
    """A custom value stays what it was: a number, a yes or no, else a text."""

    def judge(text: str) -> Value:
        if not _CUSTOM_NAME.fullmatch(name.removeprefix(CUSTOM)):
            raise UnfitError("bad_custom_name")
        if len(text) > LONGEST_CUSTOM_VALUE:
            raise UnfitError("too_long", limit=LONGEST_CUSTOM_VALUE, length=len(text))
        if isinstance(stored, bool):
            return _yes_or_no(text)
        if isinstance(stored, int):
            return _signed_integer(text)
        return text

    return judge


def _yes_or_no(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise UnfitError("no_truth")
    return text.lower() == "true"


def _signed_integer(text: str) -> int:
    number = whole_number(text.removeprefix("-"), _LARGEST_CUSTOM_INTEGER)
    if number is None:
        raise UnfitError("no_integer")
    return -number if text.startswith("-") else number


def _check_whole(object_type: ObjectType, checked: Checked, stored: Mapping[str, Value]) -> None:
    """Problems of the record as a whole. A record that already had one may be saved as it is."""
    names, unrecognisable = _RECOGNISABLE[object_type]
    if not any(checked.values[name] for name in names) and (
        not stored or any(stored.get(name) for name in names)
    ):
        checked.errors.setdefault(names[0], unrecognisable)
    if object_type == "contacts" and checked.values["company_id"] is None:
        checked.errors.setdefault("company_id", problem("no_company"))
    if sum(name.startswith(CUSTOM) for name in checked.values) > MOST_CUSTOM_FIELDS:
        checked.errors.setdefault("custom", problem("too_many_custom", limit=MOST_CUSTOM_FIELDS))
