"""Companies that were merged here alone: contacts of their objects are those of the record that stayed."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.models import Company, MergedRecord, RemoteObject
from webapp.store.database.lists import among

MERGED_HERE = "merged_here"


def records_of(session: Session, connection_id: int, remote_ids: Collection[str]) -> dict[str, int]:
    """By object, the record as which a company lives on that was merged here, as long as that is here."""
    query = select(RemoteObject.remote_id, RemoteObject.detail).where(
        RemoteObject.connection_id == connection_id,
        RemoteObject.object_type == "companies",
        among(session, RemoteObject.remote_id, sorted(remote_ids)),
    )
    gone = {remote_id: (detail or {}).get("record_id") for remote_id, detail in session.execute(query)}
    stayed = (
        select(MergedRecord.loser_id, MergedRecord.winner_id)
        .join(Company, Company.id == MergedRecord.winner_id)
        .where(
            MergedRecord.object_type == "companies",
            among(session, MergedRecord.loser_id, sorted({one for one in gone.values() if one is not None})),
        )
    )
    winners = {row.loser_id: row.winner_id for row in session.execute(stayed)}
    return {remote_id: winners[one] for remote_id, one in gone.items() if one in winners}
