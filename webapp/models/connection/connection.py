"""The connection to a portal: its tokens and scopes, and what was configured for it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.base import Base, UtcDateTime, json_data


class Connection(Base):
    """A connection to one portal; kept, with its links, when disconnected.

    Attributes:
        kind: `oauth` or `token`.
        state: `connected`, `failing` (the token stopped working: `error` says why) or `disconnected`.
        portal: what account information has: `ui_domain`, `time_zone`, `account_type` …
        scopes: the scopes granted, as HubSpot names them.
        access_token, refresh_token: encrypted (`webapp.vault`); empty when disconnected.
        trouble: the latest trouble of the account, whose token works: a code of
            `webapp.domain.runs.retry.ACCOUNT_TROUBLES`.
        trouble_text: the stored problem, with HubSpot's own text.
        trouble_since, trouble_ended_at: while it lasts it has no end.
        trouble_attempts, probe_at: how often it was met or probed, and when it is probed next.
        watermark: HubSpot's time up to which everything was read.
        key_properties: by object type, whether `twinbook_id` can be relied on: `ready`, `missing`,
            `not_unique`, `unfit`, `no_scope`, `slots_full`, or `deleted` after it was ready.
        reconciled_at, compared_at: when a look for missed changes began last, and a comparison of everything.
        restored_at: when an object was met that this installation has made and does not know: its database
            comes from an older backup. None again once everything has been compared.
        automatic: the switches of automatic sync that differ from what they are at first, see
            `webapp.domain.connection.automatic`.
        setup_done: the steps of the set-up that somebody has been through, see
            `webapp.domain.connection.setup`.
        mapping_version: rises with every change of the mapping, so that a concurrent change is noticed.
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
    trouble: Mapped[str | None] = mapped_column(String(40))
    trouble_text: Mapped[str | None] = mapped_column(Text)
    trouble_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble_attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    trouble_ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    probe_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_pull_finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    watermark: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reconciled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    compared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    restored_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    key_properties: Mapped[dict[str, str]] = mapped_column(json_data(), default=dict)
    automatic: Mapped[dict[str, bool]] = mapped_column(json_data(), default=dict)
    mapping_version: Mapped[int] = mapped_column(default=0)
    setup_done: Mapped[list[str]] = mapped_column(json_data(), default=list, server_default=text("'[]'"))
