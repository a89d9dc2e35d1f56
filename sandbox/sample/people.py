"""Who works where."""

from random import Random

SKEW = 2.2  # large firms come first: with 400 companies the first has over 100 contacts
MANY = 12


def link_people(random: Random, index: int, companies: list[int]) -> list[int]:
    """Numbers of a contact's companies, the primary one first; often one, sometimes none or several."""
    if not companies:
        return []
    luck = random.random()
    count = 0 if luck < 0.07 else 1  # noqa: PLR2004 - shares of a real portal
    if luck > 0.95:  # noqa: PLR2004
        count = 2 if luck < 0.98 else 3  # noqa: PLR2004
    if index % 400 == 399:  # noqa: PLR2004 - a consultant who is everywhere
        count = MANY
    found: dict[int, None] = {}
    for _ in range(count):
        found[companies[int(len(companies) * random.random() ** SKEW)]] = None
    return list(found)
