"""Which part of the help is about which page."""

_GUIDE = "guide"
_BY_BLUEPRINT: dict[str, str] = {
    "home": "home",
    "records": "companies-and-contacts",
    "record_lists": "companies-and-contacts",
    "record_history": "companies-and-contacts",
    "record_push": "companies-and-contacts",
    "deletions": "deleting",
    "deletion": "deleting",
    "merges": "companies-and-contacts",
    "changes": "several-at-once",
    "custom_fields": "fields",
    "mapping": "fields",
    "status_mapping": "statuses",
    "rules": "rules",
    "integrations": "integrations",
    "setup": "integrations",
    "privacy": "integrations",
    "sync_log": "sync-log",
    "runs": "sync-log",
    "previews": "sync-log",
    "lost_values": "sync-log",
    "undo": "undo",
    "held": "needs-you",
    "failing": "needs-you",
    "duplicates": "duplicates",
    "duplicate_merges": "duplicates",
    "people": "people",
    "profile": "people",
    "notifications": "people",
    "settings": "people",
    "audit": "people",
    "persons": "people",
    "links": "people",
    "typed_forms": "people",
    "record_files": "csv-files",
    "imports": "csv-files",
}
_BY_ENDPOINT: dict[str, tuple[str, str]] = {
    "setup.index": ("first-steps", "3-go-through-the-set-up"),
    "sync_log.reasons": ("why-not-synced", ""),
    "settings.index": ("settings", ""),
}


def topic(blueprint: str | None, endpoint: str | None) -> tuple[str, str]:
    """The document and the anchor in it; the beginning of the guide for what has no part of its own."""
    if endpoint in _BY_ENDPOINT:
        return _BY_ENDPOINT[endpoint]
    return _GUIDE, _BY_BLUEPRINT.get(blueprint or "", "")


def blueprints() -> set[str]:
    """Those whose pages have a part of their own."""
    return set(_BY_BLUEPRINT)


def anchors() -> set[tuple[str, str]]:
    """Every part that some page leads to."""
    return {(_GUIDE, anchor) for anchor in _BY_BLUEPRINT.values()} | {
        (name, anchor) for name, anchor in _BY_ENDPOINT.values() if anchor
    }
