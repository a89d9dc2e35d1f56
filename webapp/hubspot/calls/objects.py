"""Calls on companies and contacts themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from webapp.hubspot.batches import (
    MOST_INPUTS,
    BatchAnswer,
    CreateInput,
    UpdateInput,
    UpsertInput,
    by_id,
    by_property,
    by_trace,
    compare,
)
from webapp.hubspot.calls.associations import AssociationCalls
from webapp.hubspot.errors import MalformedAnswer, MissingScopes, ObjectUnreadable
from webapp.hubspot.http.decoding import LenientDecoder
from webapp.hubspot.object_decoding import ObjectDecoder, ObjectsDecoder
from webapp.hubspot.objects import (
    MERGED_IDS,
    PRIMARY_COMPANY,
    Page,
    RemoteObject,
    SearchAnswer,
    SearchPage,
    UnreadableObject,
)

LONGEST_URL: Final = 15_000
"""Characters of the property list in an address; HubSpot refuses much longer ones with 414."""

_answers = ObjectsDecoder()
_objects = ObjectDecoder()
_searches = LenientDecoder(SearchAnswer)
_nothing = msgspec.json.Decoder(None)


class ObjectCalls(AssociationCalls):
    """List, read, search and write objects. `object_type` is `companies` or `contacts`."""

    def list_page(
        self,
        object_type: str,
        properties: Sequence[str],
        after: str | None = None,
        *,
        limit: int = 100,
        archived: bool = False,
        with_companies: bool = True,
    ) -> Page:
        """One page of all objects; go on until `after` is None, however short a page is.

        A list of properties too long for an address costs a second call: the page is then listed for ids and
        associations alone, and the values are read as a batch. So one page never shows two states of a value.

        Args:
            object_type: Which objects.
            properties: Names to read; unknown ones are left out silently.
            after: Cursor of the previous page.
            limit: At most 100.
            archived: Whether to list the archived objects instead.
            with_companies: Whether contacts come with their companies. Where the answer holds the first 100
                alone and the primary is not among them, the rest is fetched in one further call.

        Raises:
            MalformedAnswer: The page leads to itself, so that nobody would ever get beyond it.
        """
        requested = _names_to_read(properties)
        is_long = len(",".join(requested)) > LONGEST_URL
        query: dict[str, str | int] = {
            "limit": limit,
            "properties": MERGED_IDS if is_long else ",".join(requested),
            "archived": _flag(archived),
        }
        if object_type == "contacts" and with_companies:
            query["associations"] = "companies"
        if after is not None:
            query["after"] = after
        answer = self._get(self._path("objects", type=object_type), query, _answers)
        _check_cursor(after, answer.after)
        page = Page(answer.results, answer.after, answer.unreadable)
        if is_long and page.results:
            page.results, unreadable = self._with_values(
                object_type, page.results, requested, archived=archived
            )
            page.unreadable = [*page.unreadable, *unreadable]
        if "associations" in query:
            unreadable = self._complete_companies(page.results)
            odd = {one.id for one in unreadable}
            page.results = [one for one in page.results if one.id not in odd]
            page.unreadable = [*page.unreadable, *unreadable]
        return page

    def read(
        self,
        object_type: str,
        object_id: str,
        properties: Sequence[str],
        *,
        archived: bool = False,
        history: Sequence[str] = (),
    ) -> RemoteObject:
        """One object. An answer whose id differs from the requested one is the survivor of a merge.

        Args:
            object_type: Which objects.
            object_id: Its id.
            properties: Names to read.
            archived: Whether to find it among the archived ones instead.
            history: Names whose former values to read as well.

        Raises:
            NotFound: Proof that there is no such object, among those that `archived` names.
            ObjectUnreadable: There is, and its answer is not as it should be, or it alone may not be read.
        """
        query = {"properties": ",".join(_names_to_read(properties)), "archived": _flag(archived)}
        if history:
            query["propertiesWithHistory"] = ",".join(history)
        if object_type == "contacts":
            query["associations"] = "companies"
        try:
            found = self._get(self._path("object", type=object_type, id=object_id), query, _objects)
        except MissingScopes as error:
            if error.is_of_app:
                raise
            raise ObjectUnreadable(error.message, object_id=object_id) from error
        if object_type == "contacts":
            for one in self._complete_companies([found]):
                raise ObjectUnreadable(one.why, object_id=one.id)
        return found

    def batch_read(
        self,
        object_type: str,
        ids: Sequence[str],
        properties: Sequence[str],
        id_property: str | None = None,
        *,
        archived: bool = False,
        history: Sequence[str] = (),
    ) -> BatchAnswer:
        """Up to 100 objects by id, or by a unique property such as a contact's `email`; no associations.

        With `history`, names whose former values to read as well, at most 50.
        """
        requested = list(dict.fromkeys(ids))
        names = _names_to_read(properties)
        body: dict[str, Any] = {"inputs": [{"id": key} for key in requested], "properties": names}
        if id_property:
            body["idProperty"] = id_property
            own = (id_property, "hs_additional_emails") if id_property == "email" else (id_property,)
            body["properties"] = list(dict.fromkeys((*names, *own)))
        if history:
            body["propertiesWithHistory"] = list(history)
        path = self._batch(object_type, "read", requested)
        answer = self._ask(path, body, _answers, query={"archived": _flag(archived)})
        return compare(requested, answer, by_property(id_property) if id_property else by_id)

    def batch_create(self, object_type: str, inputs: Sequence[CreateInput]) -> BatchAnswer:
        """Makes up to 100 objects, each succeeding or failing alone. Never repeated blindly.

        Returns:
            Keys are trace ids.

        Raises:
            HubSpotError: With `may_have_taken_effect`, verify each input before repeating it.
        """
        body = {"inputs": [_create_input(one) for one in inputs]}
        traces = [one.trace_id for one in inputs]
        path = self._batch(object_type, "create", traces)
        answer = self._write(path, body, _answers, is_repeatable=False)
        return compare(traces, answer, by_trace(inputs))

    def batch_update(self, object_type: str, inputs: Sequence[UpdateInput]) -> BatchAnswer:
        """Sets properties of up to 100 objects by id. Merged-away ids are left out of the answer silently."""
        body = {"inputs": [{"id": one.id, "properties": one.properties} for one in inputs]}
        ids = [one.id for one in inputs]
        return compare(ids, self._write(self._batch(object_type, "update", ids), body, _answers), by_id)

    def batch_upsert(self, object_type: str, id_property: str, inputs: Sequence[UpsertInput]) -> BatchAnswer:
        """Sets properties of up to 100 objects by a unique property, making those that are not there.

        Returns:
            Keys are values of the unique property; each result says whether it is `new`.
        """
        keys = [one.key for one in inputs]
        items = [
            {
                "id": one.key,
                "idProperty": id_property,
                "objectWriteTraceId": one.key,
                # The key is written too, so that the answer holds it.
                "properties": {**one.properties, id_property: one.key},
            }
            for one in inputs
        ]
        path = self._batch(object_type, "upsert", keys)
        return compare(keys, self._write(path, {"inputs": items}, _answers), by_property(id_property))

    def archive(self, object_type: str, ids: Sequence[str]) -> None:
        """Archives up to 100 objects; says nothing about ids that do not exist."""
        body = {"inputs": [{"id": one} for one in ids]}
        self._write(self._batch(object_type, "archive", ids), body, _nothing)

    def merge(self, object_type: str, primary_id: str, other_id: str) -> RemoteObject:
        """Joins an object into another, which HubSpot cannot take back. Never repeated blindly.

        Returns:
            The object that both live on as, mostly under a new id.

        Raises:
            HubSpotError: With `may_have_taken_effect`, read `other_id` before repeating it: the answer's id
                is another one once they are joined.
        """
        body = {"primaryObjectId": primary_id, "objectIdToMerge": other_id}
        path = self._path("objects_merge", type=object_type)
        return self._write(path, body, _objects, is_repeatable=False)

    def search(
        self,
        object_type: str,
        filter_groups: Sequence[Mapping[str, Any]],
        properties: Sequence[str] = (),
        *,
        sorts: Sequence[Mapping[str, str]] = (),
        limit: int = 200,
        after: str | None = None,
    ) -> SearchPage:
        """Results of a search: at most 10,000 in all, up to 30 s late, never archived ones.

        Args:
            object_type: Which objects.
            filter_groups: Groups are alternatives; the `filters` in one hold together.
            properties: Names to read.
            sorts: At most one.
            limit: At most 200.
            after: Offset from the previous page.
        """
        body: dict[str, Any] = {
            "filterGroups": filter_groups,
            "properties": _names_to_read(properties),
            "sorts": sorts,
            "limit": limit,
        }
        if after is not None:
            body["after"] = after
        answer = self._ask(self._path("objects_search", type=object_type), body, _searches, kind="search")
        _check_cursor(after, answer.after)
        return SearchPage(answer.total, answer.results, answer.after)

    def _batch(self, object_type: str, verb: str, keys: Sequence[str]) -> str:
        """The path of a batch.

        Raises:
            ValueError: More inputs than HubSpot takes at once.
        """
        if len(keys) > MOST_INPUTS:
            raise ValueError(f"{len(keys)} inputs, of which HubSpot takes {MOST_INPUTS}")
        return self._path("objects_batch", type=object_type, verb=verb)

    def _with_values(
        self, object_type: str, listed: list[RemoteObject], properties: Sequence[str], *, archived: bool
    ) -> tuple[list[RemoteObject], list[UnreadableObject]]:
        """The listed objects with their values, in the same order; one that has just gone is left out."""
        ids = [one.id for one in listed]
        answer = self.batch_read(object_type, ids, properties, archived=archived)
        found = answer.by_key
        for one in listed:
            if one.id in found:
                found[one.id].associations = one.associations
        return [found[one.id] for one in listed if one.id in found], list(answer.unreadable.values())

    def _complete_companies(self, contacts: Sequence[RemoteObject]) -> list[UnreadableObject]:
        """Reads all companies of the contacts whose primary one may be beyond the first 100.

        Returns:
            The contacts whose companies could not be read.
        """
        cut = {contact.id: contact for contact in contacts if contact.has_unread_companies}
        if not cut:
            return []
        related = self.associations_of(list(cut))
        for contact_id, companies in related.items():
            cut[contact_id].set_companies(companies)
        return [UnreadableObject(id=one, why=why) for one, why in related.unreadable.items()]


def _check_cursor(after: str | None, following: str | None) -> None:
    """Refuse a page that leads to itself.

    Raises:
        MalformedAnswer: It does.
    """
    if following is not None and following == after:
        raise MalformedAnswer("A page of HubSpot's leads to itself.")


def _names_to_read(properties: Sequence[str]) -> list[str]:
    """The names to read, each once, with the one that proves merges."""
    return list(dict.fromkeys((*properties, MERGED_IDS)))


def _create_input(one: CreateInput) -> dict[str, Any]:
    item: dict[str, Any] = {"objectWriteTraceId": one.trace_id, "properties": one.properties}
    if one.primary_company_id is not None:
        kind = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": PRIMARY_COMPANY}
        item["associations"] = [{"to": {"id": one.primary_company_id}, "types": [kind]}]
    return item


def _flag(value: bool) -> str:  # noqa: FBT001 - it is a conversion
    return "true" if value else "false"
