"""The guard against mass changes that no person requested: an accident at HubSpot must not spread."""

FEWEST = 100
"""The fewest changed records that make a mass change."""

_SHARE = 0.05


def is_mass_change(changed: int, links: int) -> bool:
    """Whether an automatic run that changes so many of the links has to ask a person first.

    Args:
        changed: Records that it has changed, unlinked or marked gone, with those that it is about to.
        links: How many there are.
    """
    return changed >= FEWEST and changed > links * _SHARE
