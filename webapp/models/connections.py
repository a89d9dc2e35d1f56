"""Our right to use a portal, and what was configured for it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data


class Connection(Base):
    """A connection to one portal; kept, with its links, when disconnected.

    Attributes:
        kind: `oauth` or `token`.
        state: `connected`, `failing` (the token stopped working: `error` says why) or `disconnected`.
        portal: what account information said: `ui_domain`, `time_zone`, `account_type` …
        scopes: the scopes granted, as HubSpot names them.
        access_token, refresh_token: encrypted (`webapp.vault`); empty when disconnected.
        watermark: HubSpot's time up to which everything was read.
        key_properties: by object type, whether `twinbook_id` can be relied on: `ready`, `missing`,
            `not_unique`, `no_scope` or `slots_full`.
        reconciled_at, compared_at: when a look for missed changes began last, and a comparison of everything.
        automatic: the switches of automatic sync that differ from what they are at first, see
            `webapp.domain.automatic`.
        setup_done: the steps of the set-up that somebody has been through, see `webapp.domain.setup`.
        mapping_version: rises with every change of the mapping, so that two administrators notice each other.
    """

    __tablename__ = "connections"

    id: Mapped[int] = mapped_column(primary_key=True)
    portal_id: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(20))
    error: Mapped[str | None] = mapped_column(String(60))
    error_text: Mapped[str | None] = mapped_column(Text)
    portal: Mapped[dict[str, Any]] = mapped_column(json_data())
    scopes: Mapped[list[str]] = mapped_column(json_data())
    access_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    refresh_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    token_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    connected_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    connected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disconnected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_pull_finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    watermark: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reconciled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    compared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    key_properties: Mapped[dict[str, str]] = mapped_column(json_data(), default=dict)
    automatic: Mapped[dict[str, bool]] = mapped_column(json_data(), default=dict)
    mapping_version: Mapped[int] = mapped_column(default=0)
    setup_done: Mapped[list[str]] = mapped_column(json_data(), default=list, server_default=text("'[]'"))


class FieldMapping(Base):
    """Which property is which field. `direction`: both, in, out, off; `blank_policy`: ignore, clear.

    `options` are, of a choice, our options with HubSpot's; `knows_blanks` as in `webapp.domain.mapping`.
    """

    __tablename__ = "field_mappings"
    __table_args__ = (UniqueConstraint("connection_id", "object_type", "field"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    field: Mapped[str] = mapped_column(String(100))
    property: Mapped[str] = mapped_column(String(100))
    direction: Mapped[str] = mapped_column(String(10))
    blank_policy: Mapped[str] = mapped_column(String(10))
    is_fixed: Mapped[bool]
    options: Mapped[dict[str, str]] = mapped_column(json_data(), default=dict)
    knows_blanks: Mapped[bool] = mapped_column(default=False)


class StatusMapping(Base):
    """One row of a status table. `direction` `in`: HubSpot's value to ours; `out`: ours to HubSpot's."""

    __tablename__ = "status_mappings"
    __table_args__ = (UniqueConstraint("connection_id", "object_type", "direction", "from_value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    direction: Mapped[str] = mapped_column(String(10))
    from_value: Mapped[str] = mapped_column(String(100))
    to_value: Mapped[str] = mapped_column(String(100))


class SyncRule(Base):
    """What a direction admits of an object type; no row means everything.

    `condition` is `{"join": "all" | "any", "conditions": [{"field", "operator", "value"}, …],
    "groups": [{"join", "conditions"}, …]}`.
    """

    __tablename__ = "sync_rules"
    __table_args__ = (UniqueConstraint("connection_id", "object_type", "direction"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"))
    object_type: Mapped[str] = mapped_column(String(20))
    direction: Mapped[str] = mapped_column(String(10))
    condition: Mapped[dict[str, Any]] = mapped_column(json_data())


class ApiUsage(Base):
    """HubSpot calls a day (UTC), with those that were answered 429."""

    __tablename__ = "api_usage"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(default=0)
    throttled: Mapped[int] = mapped_column(default=0)
