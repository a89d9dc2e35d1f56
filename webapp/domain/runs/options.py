"""The options of a run: one type for each kind that has any.

The row of a run keeps its options as JSON. A row from before a field existed has that field's default, and
what is not known any more is passed over.
"""

from typing import Any, Literal

from msgspec import Struct, ValidationError, convert, to_builtins

from webapp.domain.records.fields import ObjectType
from webapp.domain.records.merging import StayRule, ValueRule

Side = Literal["here", "there"]
ContactChoice = Literal["leave", "delete", "move"]
"""What becomes of the contacts of a company that is deleted: a company that has some is left, or they go too,
or they are given another company."""

DuplicateVerb = Literal["merge", "not_the_same"]


ChangeVerb = Literal["status", "company", "activate", "deactivate", "stop", "resume"]
"""What can be done with many records at once: a status or a company given, active or not, synced or not."""


class FailureSelection(Struct, frozen=True, omit_defaults=True):
    """A selection of failing records; None stands for all."""

    id: int | None = None
    run_id: int | None = None
    object_type: str | None = None
    reason: str | None = None
    property: str | None = None


class RunOptions(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The options that every kind has.

    Attributes:
        preview_id: the preview that has shown what the run does.
        frequencies: the count of the book by which it weighs what records share; 0 before it has any.
    """

    preview_id: int | None = None
    frequencies: int = 0


class BulkOptions(RunOptions, frozen=True, kw_only=True):
    """Options of a pull or push of many records.

    Attributes:
        fields: the fields that it is about alone, by object type; then only of what is linked.
    """

    fields: dict[ObjectType, list[str]] | None = None


class PullOptions(BulkOptions, frozen=True, kw_only=True):
    """Options of a pull."""


class PushOptions(BulkOptions, frozen=True, kw_only=True):
    """Options of a push.

    Attributes:
        failing: what had failed, where it is about that alone.
        records: the records' numbers, by object type, where it is about those alone.
        makes_again: whether records whose objects were deleted in HubSpot are made again there.
    """

    failing: FailureSelection | None = None
    records: dict[ObjectType, list[int]] | None = None
    makes_again: bool = False


class RecordOptions(RunOptions, frozen=True, kw_only=True):
    """Options of a run about one record."""

    object_type: ObjectType = "companies"
    record_id: int = 0


class PullRecordOptions(RecordOptions, frozen=True, kw_only=True):
    """Options of a pull of one record.

    Attributes:
        keeps_edits: whether the later edit wins where both sides changed a field.
    """

    keeps_edits: bool = False


class PushRecordOptions(RecordOptions, frozen=True, kw_only=True):
    """Options of a push of one record.

    Attributes:
        clears: fields that are blank here and are to be cleared in HubSpot too.
    """

    clears: tuple[str, ...] = ()


class ReconcileOptions(RunOptions, frozen=True, kw_only=True):
    """Options of a reconcile.

    Attributes:
        is_full: whether all objects are compared, as once a night.
    """

    is_full: bool = False


class ListFilter(Struct, frozen=True, omit_defaults=True):
    """The filter of a list of records, as in `webapp.store.records.listing.lists.Question`."""

    search: str = ""
    state: Literal["active", "inactive", "any"] = "active"
    standing: str = "any"


class SelectionOptions(RunOptions, frozen=True, kw_only=True):
    """Options of a run about many records of a type.

    Attributes:
        records: the records' numbers; None where a list's filter says which.
        listed: that filter.
        newest_id: the newest record of the type when it was requested: what comes later is not meant.
    """

    object_type: ObjectType = "companies"
    records: tuple[int, ...] | None = None
    listed: ListFilter = ListFilter()
    newest_id: int = 0


class DeleteOptions(SelectionOptions, frozen=True, kw_only=True):
    """Options of a deletion.

    Attributes:
        contacts: what becomes of the contacts of companies.
        company_id: the company that they are given, where they are moved.
    """

    contacts: ContactChoice = "leave"
    company_id: int | None = None


class ChangeOptions(SelectionOptions, frozen=True, kw_only=True):
    """Options of a change of many records.

    Attributes:
        verb: what is done with them.
        status: the status that they get.
        company_id: the company that contacts get.
    """

    verb: ChangeVerb = "status"
    status: str = ""
    company_id: int | None = None


class UndoOptions(RunOptions, frozen=True, kw_only=True):
    """Options of an undo.

    Attributes:
        run_id, run_kind: the run that is to be reverted.
        side: where that run wrote.
        object_type, record_id: the record in it that is meant alone.
        field: of that record the field that is meant alone.
        archives: whether objects that the run made in HubSpot are archived there.
        sends: whether what is put back here goes to HubSpot like any other edit.
        asks_again: whether what was decided about objects is asked again once it is undone.
    """

    run_id: int = 0
    run_kind: str = ""
    side: Side = "here"
    object_type: ObjectType | None = None
    record_id: int | None = None
    field: str | None = None
    archives: bool = False
    sends: bool = False
    asks_again: bool = False


class MergeDuplicatesOptions(RunOptions, frozen=True, kw_only=True):
    """Options of a decision about many possible duplicates.

    Attributes:
        verb: whether they are merged, or kept apart as not the same.
        object_type: what they are.
        sign, strength, linked, search: which pairs, where it is about all that a filter shows.
        stay_rule, value_rule: which record of a pair stays, and whose values.
        records: the records of one group, where it is about these alone.
        stays, values_from: of these the one that stays, and by field the one whose value stays.
        is_also_there: whether their objects in HubSpot are merged too, for good.
    """

    verb: DuplicateVerb = "merge"
    object_type: ObjectType = "companies"
    sign: str = ""
    strength: str = ""
    linked: str = "any"
    search: str = ""
    stay_rule: StayRule = "linked"
    value_rule: ValueRule = "newer"
    records: tuple[int, ...] = ()
    stays: int = 0
    values_from: dict[str, int] = {}
    is_also_there: bool = False


class ImportOptions(RunOptions, frozen=True, kw_only=True):
    """Options of an import of a CSV file.

    Attributes:
        import_id: the file.
        object_type: what its rows are.
        digest: of its content, so that an undo lets the same file be imported again.
        again: whether rows are stored whatever was stored of the file before.
        skips_bad_rows: whether the other rows are stored where some have errors.
    """

    import_id: int = 0
    object_type: ObjectType = "companies"
    digest: str = ""
    again: bool = False
    skips_bad_rows: bool = False


def as_data(options: RunOptions) -> dict[str, Any]:
    """Options as a row keeps them."""
    data: dict[str, Any] = to_builtins(options)
    return data


def from_data(data: dict[str, Any], options_type: type[RunOptions]) -> RunOptions | None:
    """A row's options, as the type of its kind; None where they hold what this version does not know."""
    try:
        return convert(data, options_type)
    except ValidationError:
        return None
