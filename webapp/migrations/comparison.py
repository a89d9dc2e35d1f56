"""Which differences between the tables and the models a new migration is made from."""

from typing import Any


def is_compared(_item: Any, name: str | None, kind: str, is_reflected: bool, counterpart: Any) -> bool:  # noqa: FBT001 - Alembic's signature
    """Whether Alembic compares a table, a column or an index.

    Not compared are a table or a column that the models lack, since both go away by hand a release after
    nothing reads them; and the indexes of trigrams, which migration 0036 makes on each database in its way.
    """
    is_left_behind = is_reflected and counterpart is None and kind in ("table", "column")
    return not is_left_behind and not (name or "").endswith("_trigrams")
