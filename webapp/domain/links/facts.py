"""A link as it is stored."""

from datetime import datetime

from msgspec import Struct

from webapp.domain.records.values import Value


class LinkFacts(Struct):
    """A stored link.

    Attributes:
        generation: that of our last write to its object.
        awaited_company: the company of a contact's object while that is not here.
    """

    id: int
    record_id: int
    remote_id: str
    state: str
    local_seen: dict[str, Value]
    remote_seen: dict[str, str | None]
    remote_updated_at: datetime | None
    generation: int = 0
    awaited_company: str | None = None


REVERTED = "undone"
"""The reason of an object whose record or link an undo took away: automatic runs leave it alone."""

DELETED_HERE = "deleted_here"
"""The reason of an object whose record was deleted here: its tombstone, until a person brings it back."""

PERSON_ERASED = "person_erased"
"""The reason of an object whose person was erased here: its tombstone, which holds its number alone."""

ERASED_NAME = "(erased)"
"""What stands in the place of an erased person's name, and of what else was theirs."""
