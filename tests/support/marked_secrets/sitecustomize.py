"""Run by every Python that the suite starts: what it makes as a secret bears the mark of one.

`secrets.token_hex` and `token_urlsafe` are made of `token_bytes`, and so is every secret of the product and
of the sandbox (`tests/guards/suite/test_making_of_secrets.py`). With the first bytes known, the search for
secrets in the output knows each of them, in whichever process it was made.
"""

import secrets

MARK = b"unsaid"
"""Of a length that base64 writes in whole letters."""

_by_chance = secrets.token_bytes


def _marked(nbytes: int | None = None) -> bytes:
    made = _by_chance(nbytes)
    return MARK + made[len(MARK) :] if len(made) >= len(MARK) + 8 else made


if _by_chance.__name__ != _marked.__name__:
    secrets.token_bytes = _marked
