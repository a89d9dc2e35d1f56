"""Links of values: mail, telephone and web addresses, safe for any value.

The templates escape for HTML what is returned here; within an address other characters have a meaning.
"""

import re
from urllib.parse import quote

_HOST = re.compile(r"(?:[\w.~%!$&'()*+,;=:-]*@)?[\w.-]+(?::\d+)?", re.ASCII)
# A colon before a number is a port.
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d)", re.IGNORECASE)
_OTHER_SCRIPT = re.compile(r"[^\x00-\x7f]")
# Of a path, a query and a fragment these stay; a percent sign may begin what is encoded already.
_MEANINGFUL = "/?#[]@!$&()*+,;=:%~-._"
_TRUNK_ZERO = re.compile(r"(?<=\d)\s*\(0\)")
_EXTENSION = re.compile(
    r"(?<=\d)\s*(?:;ext=|ext\.?|extension|x|#|dw|durchwahl|poste)\s*(\d{1,7})\s*$", re.IGNORECASE
)
_NOT_DIALLED = re.compile(r"[^\d*]", re.ASCII)
_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_FEWEST_DIGITS = 3


def mail_link(address: str) -> str:
    """A link that writes to an e-mail address, and to none beside it."""
    mailbox, at, host = address.strip().rpartition("@")
    return f"mailto:{quote(mailbox, safe='')}{at}{quote(host, safe='')}"


def phone_link(text: str) -> str | None:
    """A link that dials a phone number; None for a text that cannot be dialled."""
    number = text.strip()
    extension = _EXTENSION.search(number)
    if extension:
        number = number[: extension.start()]
    if number.startswith("+"):
        number = _TRUNK_ZERO.sub("", number)
    if sum(letter.isdigit() for letter in number) < _FEWEST_DIGITS:
        return None
    dialled = _NOT_DIALLED.sub("", number.upper().translate(_LETTERS))
    plus = "+" if number.startswith("+") else ""
    return f"tel:{plus}{quote(dialled, safe='*')}{f';ext={extension[1]}' if extension else ''}"


def web_link(text: str) -> str | None:
    """A link for what was given as a web address; None for anything that a browser should not follow."""
    address = text.strip().removeprefix("//")
    named = _SCHEME.match(address)
    scheme = named[1].lower() if named else "https"
    if named and (scheme not in ("http", "https") or not address.startswith("//", named.end())):
        return None
    rest = address[named.end() + 2 :] if named else address
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if not _HOST.fullmatch(_OTHER_SCRIPT.sub("x", host)):
        return None
    return f"{scheme}://{host}{quote(rest[len(host) :], safe=_MEANINGFUL)}"
