"""The type of a reason: its text, and what a person can do about it."""

from msgspec import Struct


class Reason(Struct, frozen=True):
    """Why a record ended as it did: what happened, and what a person can do about it (may be nothing)."""

    text: str
    remedy: str = ""
