"""The base of a link: the values of both sides after the last sync, which show later edits on either."""

from collections.abc import Collection
from collections.abc import Mapping as Values
from typing import Any

from msgspec import Struct

COMPANY = "company_id"
"""Under this name both sides of a base have a contact's company: the number here, the object's id there."""

SET_APART = "set apart"
"""Under this name `local_seen` lists the fields that an undo has left different on the two sides."""


class Base(Struct, frozen=True):
    """The values of the mapped fields that both sides held after a sync; blanks are left out."""

    local_seen: dict[str, Any]
    remote_seen: dict[str, Any]


def is_set_apart(name: str, local_seen: Values[str, Any]) -> bool:
    """Whether an undo set a field apart: no automatic run changes it, a run that a person starts may."""
    return name in local_seen.get(SET_APART, ())


def set_apart(
    base: Base,
    local: Values[str, Any],
    remote: Values[str, Any],
    knowing_blanks: Collection[str],
) -> Base:
    """The base with these fields as both sides have them now, so that no automatic run changes either side.

    Args:
        base: The base so far.
        local: Values here by field, as far as they are another base than before.
        remote: HubSpot's texts, likewise.
        knowing_blanks: The fields whose base keeps blanks.
    """
    local_seen = _with(base.local_seen, local, knowing_blanks)
    names = {*base.local_seen.get(SET_APART, ()), *local, *remote}
    return Base({**local_seen, SET_APART: sorted(names)}, _with(base.remote_seen, remote, knowing_blanks))


def brought_together(local_seen: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Our side of a base after a sync has made these fields equal on both sides."""
    if SET_APART not in local_seen:
        return local_seen
    left = [name for name in local_seen[SET_APART] if name not in names]
    others = {name: value for name, value in local_seen.items() if name != SET_APART}
    return {**others, SET_APART: left} if left else others


def with_company(
    local_seen: Values[str, Any],
    remote_seen: Values[str, Any],
    company_id: int | None,
    company_remote_id: str | None,
) -> Base:
    """The base of a contact with these companies, one for each side; None stands for no company."""
    seen = []
    for values, company in ((local_seen, company_id), (remote_seen, company_remote_id)):
        others = {name: value for name, value in values.items() if name != COMPANY}
        seen.append({**others, COMPANY: company} if company else others)
    return Base(*seen)


def _with(
    seen: Values[str, Any], values: Values[str, Any], knowing_blanks: Collection[str]
) -> dict[str, Any]:
    merged = dict(seen)
    for name, value in values.items():
        if value not in (None, ""):
            merged[name] = value
        elif name in knowing_blanks:
            merged[name] = None
        else:
            merged.pop(name, None)
    return merged
