"""When sample records were made and last changed."""

from datetime import UTC, datetime
from random import Random

from sandbox.clock import iso_of_ms

OPENED_MS = int(datetime(2021, 1, 4, 8, tzinfo=UTC).timestamp() * 1000)
LAST_MADE_MS = int(datetime(2026, 8, 28, 17, tzinfo=UTC).timestamp() * 1000)
LAST_CHANGE_MS = int(datetime(2026, 9, 30, 17, tzinfo=UTC).timestamp() * 1000)
MASS_UPDATE = iso_of_ms(LAST_CHANGE_MS + 3_600_123)


def made_and_changed(random: Random, index: int, total: int) -> tuple[str, str]:
    """Creation moves with the ids; the change is later, and of some records the same mass update."""
    share = (index + random.random()) / max(1, total)
    made = OPENED_MS + int(share * (LAST_MADE_MS - OPENED_MS))
    luck = random.random()
    if luck < 0.05:  # noqa: PLR2004 - a mass update touched this share
        return iso_of_ms(made), MASS_UPDATE
    if luck < 0.3:  # noqa: PLR2004 - never touched again
        return iso_of_ms(made), iso_of_ms(made + 412)
    return iso_of_ms(made), iso_of_ms(made + int(random.random() * (LAST_CHANGE_MS - made)))
