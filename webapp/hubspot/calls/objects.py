"""Calls on companies and contacts themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from webapp.hubspot.batches import BatchAnswer, by_id, by_property, compare
from webapp.hubspot.calls.associations import AssociationCalls
from webapp.hubspot.calls.reading_apart import is_of_objects, read_apart
from webapp.hubspot.calls.writes import WriteCalls
from webapp.hubspot.errors import HubSpotError, MalformedAnswer, ObjectUnreadable
from webapp.hubspot.http.decoding import LenientDecoder
from webapp.hubspot.object_decoding import ObjectDecoder, ObjectsDecoder
from webapp.hubspot.objects import (
    COMPANY_PROPERTY,
    MERGED_IDS,
    ObjectsAnswer,
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


class ObjectCalls(WriteCalls, AssociationCalls):
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
        The same is done with a page that is refused without a reason, since a batch shows which object it is.

        Args:
            object_type: Which objects.
            properties: Names to read; unknown ones are left out silently.
            after: Cursor of the previous page.
            limit: At most 100.
            archived: Whether to list the archived objects instead.
            with_companies: Whether contacts come with their companies. Where the answer holds the first 100
                alone and the primary is not among them, or none of a contact that has one, they are fetched
                in one further call.

        Raises:
            MalformedAnswer: The page leads to itself, so that nobody would ever get beyond it.
        """
        requested = _names_to_read(properties)
        query: dict[str, str | int] = {"limit": limit, "archived": _flag(archived)}
        if object_type == "contacts" and with_companies:
            query["associations"] = "companies"
            requested.append(COMPANY_PROPERTY)
        if after is not None:
            query["after"] = after
        answer, has_values = self._listed(object_type, query, requested)
        _check_cursor(after, answer.after)
        page = Page(answer.results, answer.after, answer.unreadable)
        if not has_values and page.results:
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
        names = _names_to_read(properties)
        query = {"archived": _flag(archived)}
        if history:
            query["propertiesWithHistory"] = ",".join(history)
        if object_type == "contacts":
            query["associations"] = "companies"
            names.append(COMPANY_PROPERTY)
        query["properties"] = ",".join(names)
        try:
            found = self._get(self._path("object", type=object_type, id=object_id), query, _objects)
        except HubSpotError as error:
            if not is_of_objects(error):
                raise
            raise ObjectUnreadable(error.message, object_id=object_id, problem=error.problem) from error
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
        body: dict[str, Any] = {"properties": names}
        if id_property:
            body["idProperty"] = id_property
            own = (id_property, "hs_additional_emails") if id_property == "email" else (id_property,)
            body["properties"] = list(dict.fromkeys((*names, *own)))
        if history:
            body["propertiesWithHistory"] = list(history)
        path = self._batch(object_type, "read", requested)

        def ask(keys: Sequence[str]) -> ObjectsAnswer:
            of_keys = {**body, "inputs": [{"id": key} for key in keys]}
            return self._ask(path, of_keys, _answers, query={"archived": _flag(archived)})

        answer = read_apart(ask, requested, id_property)
        return compare(requested, answer, by_property(id_property) if id_property else by_id)

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

    def _listed(
        self, object_type: str, query: Mapping[str, str | int], names: Sequence[str]
    ) -> tuple[ObjectsAnswer, bool]:
        """A page of the list, and whether it has the values."""
        path, listed = self._path("objects", type=object_type), ",".join(names)
        if len(listed) <= LONGEST_URL:
            try:
                return self._get(path, {**query, "properties": listed}, _answers), True
            except HubSpotError as error:
                if not error.may_be_of_content:
                    raise
        return self._get(path, {**query, "properties": MERGED_IDS}, _answers), False

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


def _flag(value: bool) -> str:  # noqa: FBT001 - it is a conversion
    return "true" if value else "false"
