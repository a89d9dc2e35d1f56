"""A contact's moves to other companies in HubSpot. That companies are merged there is none of them.

HubSpot takes a contact along where its company is merged, and only the company that stays tells which others
were: it bears their ids.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from msgspec import Struct


class Version(Struct, frozen=True):
    """A company that a contact belonged to in HubSpot, and since when; None stands for no company."""

    company_id: str | None
    since: datetime | None


def has_moved(before: str | None, now: str | None, former_ids: Collection[str]) -> bool:
    """Whether a contact belongs to another company than before.

    Args:
        before: The company after the last sync.
        now: Its present company.
        former_ids: The companies that were merged into that one.
    """
    return now != before and before not in former_ids


def moved_at(
    versions: Sequence[Version], company_id: str | None, former_ids: Collection[str]
) -> datetime | None:
    """When a contact came to its company, or to one that was merged into it since; None if not known.

    Args:
        versions: Its companies, the newest first.
        company_id: Its present company.
        former_ids: The companies that were merged into that one.
    """
    if not versions:
        return None
    found = versions[0].since
    for version in versions:
        if version.company_id in (company_id, *former_ids):
            found = version.since or found
        elif version.company_id is not None:
            break
        # Between two companies that are one by now, a merge leaves none for a moment.
    return found
