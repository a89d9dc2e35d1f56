"""Texts about people: roles, states, and the entries of the audit log."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from webapp.domain.people.accounts import AccountState, Role
from webapp.text.records.records import PLURAL, SINGULAR
from webapp.text.runs.runs import KINDS
from webapp.text.translated import Table, gettext, ngettext

ROLES: Table[Role, str] = Table({"administrator": "Administrator", "member": "Member"})
_ROLES_EXPLAINED: dict[Role, str] = {
    "administrator": "Connects HubSpot, sets mapping and rules, runs bulk syncs, and manages people.",
    "member": "Edits and pushes records.",
}
ROLES_EXPLAINED = Table(_ROLES_EXPLAINED)
_STATES: dict[AccountState, str] = {
    "invited": "Invited",
    "active": "Active",
    "deactivated": "Deactivated",
}
STATES = Table(_STATES)
"""How an account stands."""

LANGUAGES = {"en": "English", "de": "Deutsch"}
"""Each as its own speakers call it."""

_FORM_FIELDS: dict[str, str] = {
    "name": "Name",
    "email": "E-mail",
    "time_zone": "Time zone",
    "language": "Language",
    "label": "Label",
    "options": "Options of a choice, one a line",
    "added": "Further options, one a line",
    "new_custom_name": "Name of a new field",
    "new_custom_value": "Its value",
    "company_search": "Company",
    "value": "Value",
    "who": "E-mail address, or number of a contact",
}
FORM_FIELDS = Table(_FORM_FIELDS)
"""What forms call what is typed into them, but for the fields of records."""

_AREAS: dict[str, str] = {
    "people": "People",
    "runs": "Runs",
    "decisions": "Decisions",
    "records": "Records",
    "merges": "Merges",
    "deletions": "Deletions",
    "exports": "Exports",
    "rules": "Rules",
    "mapping": "Mapping",
    "connection": "Connection",
    "settings": "Settings",
}
AREAS = Table(_AREAS)

_AUDITED: dict[str, str] = {
    "logged_in": "Logged in",
    "logged_out": "Logged out",
    "user_added": "Added {person} as {role}",
    "user_invited": "Invited {person} as {role}",
    "link_made": "Sent {person} a link to choose a password",
    "password_set": "{person} chose a password by a link",
    "password_changed": "Changed the password of {person}",
    "profile_changed": "Changed the profile of {person}: {fields}",
    "role_changed": "Changed the role of {person} to {role}",
    "user_deactivated": "Deactivated {person}",
    "user_reactivated": "Reactivated {person}",
    "sessions_ended": "Ended sessions of {person}: {count}",
    "run_started": "Started {run}",
    "run_cancelled": "Cancelled {run}",
    "run_continued": "Continued {run}",
    "mass_change_allowed": "Allowed {run} to change many records",
    "mass_change_declined": "Declined that {run} changes many records",
    "held_decided": "Decided about records from HubSpot: {count}, {verb}",
    "held_withdrawn": "Took back a decision about a record from HubSpot",
    "held_record_decided": "Decided about records that a Push left to people: {count}, {verb}",
    "kept_apart": "Marked possible duplicates as not the same: {of_type} {ids}",
    "asked_again": "Asked again whether possible duplicates are the same: {of_type} {ids}",
    "privacy_decided": "Decided about a privacy deletion: {verb}",
    "person_erased": "Erased a person: erasure {erasure}",
    "person_exported": "Downloaded everything that is kept about one person",
    "activity_changed": "Changed {object_type} {record_id} to {state}",
    "sync_stopped": "Stopped the sync of {object_type} {record_id}",
    "merged": "Merged {object_type} {loser_id} into {winner_id}",
    "taken_apart": "Took apart the merged {object_type} {loser_id}",
    "exported": "Exported {what}",
    "rules_saved": "Saved the rules of {object_types}",
    "mapping_saved": "Saved the mapping of {object_types}",
    "connected": "Connected HubSpot account {portal_id}",
    "disconnected": "Disconnected HubSpot account {portal_id}",
    "restored": "Restored the backup of {made_at}",
    "key_forgotten": "Gave up what was encrypted with a lost ENCRYPTION_KEY",
    "key_property_configured": "Set up the property twinbook_id in HubSpot",
    "switches_saved": "Set automatic sync: {on}",
    "custom_field_added": "Added the custom field {name} of {of_type}",
    "custom_field_changed": "Changed the custom field {name}",
}
AUDITED = Table(_AUDITED)
"""What each action of the audit log says; its parameters are in the entry."""

_VIAS: dict[str, str] = {
    "page": "in the browser",
    "command": "on the command line",
    "link": "by a mailed link",
    "machine": "by itself",
}
VIAS = Table(_VIAS)

NOBODY: Table[str, str] = Table({"command": "The command line", "machine": "Twinbook"})
"""The author of something done without logging in, by how it was done."""

_EXPORTS: dict[str, str] = {
    "companies": "companies",
    "contacts": "contacts",
    "run": "the entries of a run",
    "duplicates": "possible duplicates",
    "audit": "the audit log",
}
EXPORTS = Table(_EXPORTS)


_DECIDED: dict[str, str] = {
    "link": "linked",
    "apart": "not the same",
    "import": "added as new",
    "create": "created in HubSpot",
    "skip": "skipped",
    "again": "looked at again",
    "erase": "erased",
    "keep": "kept",
}
DECIDED = Table(_DECIDED)
"""What was decided about a record."""

_SWITCHED_ON: dict[str, str] = {
    "paused": "paused",
    "push_companies": "edits of companies",
    "push_contacts": "edits of contacts",
    "create": "new records",
}
SWITCHED_ON = Table(_SWITCHED_ON)
"""What is on of automatic sync."""

_ACTIVITY: dict[str, str] = {"active": "active", "inactive": "inactive"}
ACTIVITY = Table(_ACTIVITY)


class _Known(dict[str, Any]):
    """Parameters that may be incomplete, since entries outlive versions."""

    def __missing__(self, name: str) -> str:
        return "…"


def action_text(action: str, detail: Mapping[str, Any], run_names: Mapping[int, str] | None = None) -> str:
    """The sentence of an audit entry; an action unknown to this version is shown by its name.

    Args:
        action: its stable name.
        detail: its parameters.
        run_names: the names of runs by number; one whose log was cleared away has none.
    """
    text = AUDITED.get(action)
    if text is None:
        return action.replace("_", " ").capitalize()
    shown = {name: _shown(name, value) for name, value in detail.items()}
    shown["of_type"] = PLURAL.get(detail.get("object_type", ""), "")
    run_id = detail.get("run_id")
    if run_id is not None:
        shown["run"] = (run_names or {}).get(run_id) or _cleared_run(run_id, shown.get("kind"))
    return text.format_map(_Known(shown))


def _cleared_run(number: int, kind: str | None) -> str:
    """A run that the log has no more, by what is known of it."""
    return gettext("%(run)s %(number)s", run=kind or gettext("run"), number=number)


def lasts_text(lasts: timedelta) -> str:
    """How long a link works, in days or else in hours."""
    if lasts.days:
        return ngettext("%(num)s day", "%(num)s days", lasts.days)
    return ngettext("%(num)s hour", "%(num)s hours", lasts // timedelta(hours=1))


def browser_text(browser: str, system: str) -> str:
    """A browser as people name it."""
    if browser and system:
        return gettext("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or gettext("An unknown browser")


def _shown(name: str, value: Any) -> str:
    table = _TABLES.get(name, {})
    if isinstance(value, list):
        return ", ".join(table.get(one, str(one)) for one in value) or gettext("nothing")
    return table.get(value, value) if isinstance(value, str) else str(value)


_TABLES: dict[str, Mapping[Any, str]] = {
    "what": EXPORTS,
    "kind": KINDS,
    "role": ROLES,
    "verb": DECIDED,
    "on": SWITCHED_ON,
    "state": ACTIVITY,
    "fields": FORM_FIELDS,
    "object_type": SINGULAR,
    "object_types": PLURAL,
}
"""The parameters that are names of something."""
