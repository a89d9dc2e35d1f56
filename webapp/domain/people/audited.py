"""The actions that the audit log records, each with the area in which it is listed."""

AREAS = (
    "people",
    "runs",
    "decisions",
    "records",
    "merges",
    "deletions",
    "exports",
    "rules",
    "mapping",
    "connection",
    "settings",
)

AUDITED: dict[str, str] = {
    "logged_in": "people",
    "logged_out": "people",
    "user_added": "people",
    "user_invited": "people",
    "link_made": "people",
    "password_set": "people",
    "password_changed": "people",
    "profile_changed": "people",
    "role_changed": "people",
    "user_deactivated": "people",
    "user_reactivated": "people",
    "sessions_ended": "people",
    "run_started": "runs",
    "run_cancelled": "runs",
    "run_continued": "runs",
    "mass_change_allowed": "decisions",
    "mass_change_declined": "decisions",
    "held_decided": "decisions",
    "held_withdrawn": "decisions",
    "held_record_decided": "decisions",
    "kept_apart": "decisions",
    "asked_again": "decisions",
    "privacy_decided": "decisions",
    "person_erased": "deletions",
    "person_exported": "exports",
    "activity_changed": "records",
    "sync_stopped": "records",
    "merged": "merges",
    "taken_apart": "merges",
    "exported": "exports",
    "rules_saved": "rules",
    "mapping_saved": "mapping",
    "connected": "connection",
    "disconnected": "connection",
    "restored": "settings",
    "key_forgotten": "connection",
    "key_property_configured": "connection",
    "switches_saved": "settings",
    "custom_field_added": "settings",
    "custom_field_changed": "settings",
}
"""Every action, with its area."""

_KINDS = {
    "delete": "deletions",
    "delete_record": "deletions",
    "merge_duplicates": "merges",
    "decisions": "decisions",
}


def area_of(action: str, kind: str = "") -> str:
    """The area of an action; for the start of a run, the area of its kind."""
    return _KINDS.get(kind, AUDITED[action])
