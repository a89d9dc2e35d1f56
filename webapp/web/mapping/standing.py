"""The fields of the mapping in force that no longer fit HubSpot's properties, with texts for pages."""

from msgspec import Struct

from webapp.domain.mapping.definitions import Definitions
from webapp.domain.mapping.mapping import Mapping
from webapp.domain.mapping.recheck import faults
from webapp.domain.records.fields import OBJECT_TYPES, ObjectType
from webapp.store.mapping import definitions, mappings
from webapp.text.mapping import STOPPED, mapping_problem, redefinition
from webapp.web.records.field_labels import label
from webapp.web.services import page_session


class Standing(Struct, frozen=True):
    """A field whose mapping needs a look.

    Attributes:
        lines: what is wrong, and what HubSpot has changed.
        effect: what that keeps from being synced.
        is_news: whether a person is asked to look at what HubSpot has changed.
    """

    object_type: ObjectType
    field: str
    label: str
    property: str
    lines: tuple[str, ...]
    effect: str
    is_news: bool


def of_connection(connection_id: int) -> list[Standing]:
    """All fields whose mapping needs a look, companies' first."""
    return [one for kind in OBJECT_TYPES for one in of_type(connection_id, kind)]


def of_type(connection_id: int, object_type: ObjectType) -> list[Standing]:
    """The fields of an object type whose mapping needs a look."""
    session = page_session()
    mapping = mappings.load(session, connection_id, object_type)
    return gather(mapping, definitions.load(session, connection_id, object_type).definitions)


def gather(mapping: Mapping, known: Definitions) -> list[Standing]:
    """The fields whose mapping needs a look, from a mapping that was read already."""
    wrong: dict[str, list[str]] = {}
    for one in faults(mapping, known):
        wrong.setdefault(one.field, []).append(mapping_problem(one.problem))
    found = []
    for item in mapping.fields:
        news = [redefinition(one) for one in known.redefinitions if one.property == item.property]
        lines = (*wrong.get(item.field, ()), *news)
        if item.direction == "off" or not lines:
            continue
        stopped = (
            item.direction in ("both", "in") and item.field in mapping.stopped_in,
            item.direction in ("both", "out") and item.field in mapping.stopped_out,
        )
        found.append(
            Standing(
                object_type=mapping.object_type,
                field=item.field,
                label=label(mapping.object_type, item.field),
                property=item.property,
                lines=lines,
                effect=STOPPED[stopped],
                is_news=bool(news),
            )
        )
    return found
