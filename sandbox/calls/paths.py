"""The one path table: every call of the API, in every version that it has."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sandbox.api import account, associations, batches, oauth, objects, properties, search
from sandbox.calls.call import Handler

DATED = ("2026-03", "2026-09")
Needs = Literal[
    "nothing", "token", "read", "write", "read_both", "write_both", "schema_read", "schema_write", "owners"
]

# Where a family lives: its numbered versions and the form of its dated ones.
FAMILIES: dict[str, tuple[dict[str, str], str]] = {
    "objects": ({"v3": "/crm/v3/objects/<kind>"}, "/crm/objects/{version}/<kind>"),
    "record associations": (
        {"v4": "/crm/v4/objects/<kind>/<id>/associations"},
        "/crm/objects/{version}/<kind>/<id>/associations",
    ),
    "associations": ({"v4": "/crm/v4/associations/<kind>/<to>"}, "/crm/associations/{version}/<kind>/<to>"),
    "properties": ({"v3": "/crm/v3/properties/<kind>"}, "/crm/properties/{version}/<kind>"),
    "owners": ({"v3": "/crm/v3/owners"}, "/crm/owners/{version}"),
    "account": ({"v3": "/account-info/v3"}, "/account-info/{version}"),
    "oauth": ({"v1": "/oauth/v1", "v3": "/oauth/v3"}, "/oauth/{version}"),
    "oauth v1": ({"v1": "/oauth/v1"}, ""),
    "oauth v2": ({"v2": "/oauth/v2"}, ""),
}


@dataclass(frozen=True)
class Route:
    """One call: where, who may, and who answers."""

    family: str
    method: str
    tail: str
    handler: Handler
    needs: Needs

    @property
    def name(self) -> str:
        """A name for counts, the same in every version."""
        return f"{self.family.replace(' ', '_')}.{self.handler.__name__}"

    @property
    def is_search(self) -> bool:
        """Whether the limit of searches counts it."""
        return self.handler is search.search_objects


ROUTES = (
    Route("objects", "GET", "", objects.list_objects, "read"),
    Route("objects", "POST", "", objects.create_object, "write"),
    Route("objects", "GET", "/<id>", objects.read_object, "read"),
    Route("objects", "PATCH", "/<id>", objects.update_object, "write"),
    Route("objects", "DELETE", "/<id>", objects.archive_object, "write"),
    Route("objects", "POST", "/batch/read", batches.batch_read, "read"),
    Route("objects", "POST", "/batch/create", batches.batch_create, "write"),
    Route("objects", "POST", "/batch/update", batches.batch_update, "write"),
    Route("objects", "POST", "/batch/upsert", batches.batch_upsert, "write"),
    Route("objects", "POST", "/batch/archive", batches.batch_archive, "write"),
    Route("objects", "POST", "/gdpr-delete", objects.erase_contact, "write"),
    Route("objects", "POST", "/merge", objects.merge_objects, "write"),
    Route("objects", "POST", "/search", search.search_objects, "read"),
    Route("record associations", "GET", "/<to>", associations.list_associations, "read_both"),
    Route("record associations", "PUT", "/default/<to>/<to_id>", associations.put_default, "write_both"),
    Route("record associations", "PUT", "/<to>/<to_id>", associations.put_labels, "write_both"),
    Route("record associations", "DELETE", "/<to>/<to_id>", associations.delete_pair, "write_both"),
    Route("associations", "POST", "/batch/create", associations.batch_create, "write_both"),
    Route("associations", "POST", "/batch/associate/default", associations.batch_default, "write_both"),
    Route("associations", "POST", "/batch/read", associations.batch_read, "read_both"),
    Route("associations", "POST", "/batch/archive", associations.batch_archive, "write_both"),
    Route("associations", "POST", "/batch/labels/archive", associations.batch_labels_archive, "write_both"),
    Route("associations", "GET", "/labels", associations.list_labels, "read_both"),
    Route("associations", "POST", "/labels", associations.create_label, "write_both"),
    Route("properties", "GET", "", properties.list_properties, "schema_read"),
    Route("properties", "POST", "", properties.create_property, "schema_write"),
    Route("properties", "GET", "/<name>", properties.read_property, "schema_read"),
    Route("properties", "PATCH", "/<name>", properties.update_property, "schema_write"),
    Route("properties", "DELETE", "/<name>", properties.archive_property, "schema_write"),
    Route("properties", "POST", "/batch/read", properties.batch_read, "schema_read"),
    Route("properties", "POST", "/batch/create", properties.batch_create, "schema_write"),
    Route("properties", "POST", "/batch/archive", properties.batch_archive, "schema_write"),
    Route("properties", "GET", "/groups", properties.list_groups, "schema_read"),
    Route("properties", "POST", "/groups", properties.create_group, "schema_write"),
    Route("properties", "GET", "/groups/<name>", properties.read_group, "schema_read"),
    Route("properties", "PATCH", "/groups/<name>", properties.update_group, "schema_write"),
    Route("properties", "DELETE", "/groups/<name>", properties.archive_group, "schema_write"),
    Route("owners", "GET", "", account.list_owners, "owners"),
    Route("owners", "GET", "/", account.list_owners, "owners"),
    Route("owners", "GET", "/<id>", account.read_owner, "owners"),
    Route("account", "GET", "/details", account.details, "token"),
    Route("account", "GET", "/api-usage/daily/private-apps", account.api_usage, "token"),
    Route("oauth", "POST", "/token", oauth.issue_token, "nothing"),
    Route("oauth", "POST", "/token/introspect", oauth.introspect, "nothing"),
    Route("oauth", "POST", "/token/revoke", oauth.revoke, "nothing"),
    Route("oauth v1", "GET", "/access-tokens/<token>", oauth.read_access_token, "nothing"),
    Route("oauth v1", "GET", "/refresh-tokens/<token>", oauth.read_refresh_token, "nothing"),
    Route("oauth v1", "DELETE", "/refresh-tokens/<token>", oauth.delete_refresh_token, "nothing"),
    Route("oauth v2", "POST", "/private-apps/get/access-token-info", oauth.read_static_token, "nothing"),
)


def every_path() -> Iterator[tuple[str, str, Route]]:
    """Version, URL rule and route, for each version of each call."""
    for route in ROUTES:
        numbered, dated = FAMILIES[route.family]
        for version, prefix in numbered.items():
            yield version, prefix + route.tail, route
        for version in DATED if dated else ():
            yield version, dated.format(version=version) + route.tail, route


def scopes_for(needs: Needs, params: dict[str, str], by_path: dict[str, str]) -> list[tuple[str, ...]]:
    """Scopes a call wants: of each tuple one is enough.

    `by_path` turns a path segment into the name of its object type.
    """
    one, other = by_path.get(params.get("kind", ""), ""), by_path.get(params.get("to", ""), "")
    if needs == "owners":
        return [("crm.objects.owners.read",)]
    if needs in ("nothing", "token") or not one:
        return []
    if needs.startswith("schema"):
        verb = needs.removeprefix("schema_")
        also = (f"crm.objects.{one}.read",) if verb == "read" else ()
        return [(f"crm.schemas.{one}.{verb}", *also)]
    verb = needs.removesuffix("_both")
    both = (one, other) if needs.endswith("_both") and other else (one,)
    return [(f"crm.objects.{kind}.{verb}",) for kind in both]
