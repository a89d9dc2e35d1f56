"""Property definitions and their groups."""

from sandbox.api.shapes import batch_answer
from sandbox.calls.call import Answer, Call
from sandbox.calls.errors import ApiError, error_item
from sandbox.clock import now_iso


def list_properties(call: Call) -> Answer:
    """Every live (or, with `archived`, archived) definition."""
    archived = call.flag("archived")
    found = call.table.definitions.properties.values()
    return Answer(200, {"results": [prop for prop in found if prop.archived == archived]})


def read_property(call: Call) -> Answer:
    """One definition."""
    return Answer(200, call.table.definitions.get(call.params["name"]))


def create_property(call: Call) -> Answer:
    """Add a custom property."""
    return Answer(201, call.table.definitions.create(call.json()))


def update_property(call: Call) -> Answer:
    """Change a custom property."""
    return Answer(200, call.table.definitions.update(call.params["name"], call.json()))


def archive_property(call: Call) -> Answer:
    """Archive a custom property."""
    call.table.definitions.archive(call.params["name"])
    return Answer(204)


def batch_read(call: Call) -> Answer:
    """Several definitions; unknown ones are named."""
    started_at, definitions = now_iso(), call.table.definitions
    names = [str(entry.get("name", "")) for entry in call.inputs()]
    missing = [name for name in names if definitions.live(name) is None]
    results = [definitions.properties[name] for name in names if name not in missing]
    errors = [
        error_item("OBJECT_NOT_FOUND", f"Property '{name}' does not exist", {"name": [name]})
        for name in missing
    ]
    return Answer(207 if errors else 200, batch_answer(results, errors, started_at=started_at))


def batch_create(call: Call) -> Answer:
    """Add several; one that is refused does not stop the others."""
    started_at, results, errors = now_iso(), [], []
    for entry in call.inputs():
        try:
            results.append(call.table.definitions.create(entry))
        except ApiError as refusal:
            errors.append(refusal.as_item(None))
    return Answer(207 if errors else 201, batch_answer(results, errors, started_at=started_at))


def batch_archive(call: Call) -> Answer:
    """Archive several; unknown ones are ignored."""
    definitions = call.table.definitions
    for entry in call.inputs():
        if definitions.live(str(entry.get("name", ""))) is not None:
            definitions.archive(str(entry["name"]))
    return Answer(204)


def list_groups(call: Call) -> Answer:
    """Every group."""
    return Answer(200, {"results": list(call.table.definitions.groups.values())})


def read_group(call: Call) -> Answer:
    """One group."""
    return Answer(200, call.table.definitions.group(call.params["name"]))


def create_group(call: Call) -> Answer:
    """Add a group."""
    return Answer(201, call.table.definitions.create_group(call.json()))


def update_group(call: Call) -> Answer:
    """Change a group's label or order."""
    group, body = call.table.definitions.group(call.params["name"]), call.json()
    group.label = str(body.get("label", group.label))
    group.display_order = int(body.get("displayOrder", group.display_order))
    return Answer(200, group)


def archive_group(call: Call) -> Answer:
    """Remove a group."""
    call.table.definitions.groups.pop(call.params["name"], None)
    return Answer(204)
