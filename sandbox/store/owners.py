"""The people (and one queue) that records can belong to."""

import msgspec

MADE_AT = "2021-02-01T08:00:00.000Z"


class Owner(msgspec.Struct, rename="camel", omit_defaults=False, kw_only=True):
    """One owner, as it travels."""

    id: str
    email: str
    type: str = "PERSON"
    first_name: str = ""
    last_name: str = ""
    user_id: int | None = None
    user_id_including_inactive: int | None = None
    created_at: str = MADE_AT
    updated_at: str = MADE_AT
    archived: bool = False
    teams: list[dict[str, str | bool]] = []


def _person(number: int, first: str, last: str, *, archived: bool = False) -> Owner:
    return Owner(
        id=str(71_000_100 + number * 37),
        email=f"{first}.{last}@alder-and-vale.com".lower(),
        first_name=first,
        last_name=last,
        user_id=None if archived else 9_000 + number,
        user_id_including_inactive=9_000 + number,
        archived=archived,
        teams=[{"id": "5501", "name": "Sales", "primary": True}],
    )


OWNERS = (
    _person(0, "Ingrid", "Solberg"),
    _person(1, "Mateo", "Ruiz"),
    _person(2, "Priya", "Raman"),
    _person(3, "Tom", "Okafor"),
    Owner(
        id="71009901",
        email="support@alder-and-vale.com",
        type="QUEUE",
        first_name="Support",
        last_name="Queue",
    ),
    _person(4, "Former", "Colleague", archived=True),
)
