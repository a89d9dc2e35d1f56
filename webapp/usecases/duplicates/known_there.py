"""What of two records HubSpot alone knows."""

from webapp.domain.mapping.incoming import further_domains
from webapp.domain.mapping.mapping import ADDITIONAL_DOMAINS
from webapp.hubspot.client import HubSpotClient
from webapp.usecases.duplicates.units import Unit


def further_domains_of(client: HubSpotClient, unit: Unit) -> dict[int, tuple[str, ...]]:
    """By record, the domains beside the first of two companies, as far as they have objects."""
    record_of = {
        read.remote_id: number for number, read in unit.records.items() if read.remote_id is not None
    }
    if not record_of:
        return {}
    found = client.batch_read(unit.object_type, list(record_of), [ADDITIONAL_DOMAINS]).results
    return {record_of[one.id]: further_domains(one.properties) for one in found if one.id in record_of}
