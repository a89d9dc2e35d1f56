"""Times written in bulk are the same texts and times that SQLAlchemy itself would write."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from webapp.models import Contact
from webapp.store.database.bulk import _converter, _dialect

_COLUMN = Contact.__table__.c.updated_at


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.parametrize(
    "moment",
    [
        None,
        datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
        datetime(1, 1, 2, 3, 4, 5, tzinfo=UTC),
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=5))),
    ],
)
def test_a_time_is_written_as_sqlalchemy_would(database: str, moment: datetime | None) -> None:
    dialect = _dialect(database)
    expected = _COLUMN.type.dialect_impl(dialect).bind_processor(dialect)
    convert = _converter(Contact.__table__, "updated_at", dialect)  # type: ignore[arg-type]

    assert convert is not None
    assert list(convert([moment])) == [expected(moment) if expected else moment]


def test_a_time_without_a_zone_is_refused() -> None:
    convert = _converter(Contact.__table__, "updated_at", _dialect("sqlite"))  # type: ignore[arg-type]

    assert convert is not None
    with pytest.raises(ValueError, match="without a zone"):
        list(convert([datetime(2026, 1, 1)]))  # noqa: DTZ001 - that is what is refused
