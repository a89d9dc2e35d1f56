"""What people do in HubSpot, and with the list, while a bulk merge is at work; and groups of fifty."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from tests.support.applications.services import current_services
from tests.support.samples.factories import make_company
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.duplicates import ids_listed, list_pair
from tests.support.usecases.undoing import records_now, undo_of
from webapp.domain.runs.options import MergeDuplicatesOptions
from webapp.models import User
from webapp.usecases.duplicates import decisions, merge_run
from webapp.usecases.matching import finding

pytestmark = pytest.mark.one_database


def _begun(user: User, *, is_preview: bool = False, **options: Any) -> int:
    given = MergeDuplicatesOptions(object_type="companies", **options)
    return merge_run.start(current_services(), given, user_id=user.id, is_preview=is_preview).run_id


@pytest.fixture
def three_pairs(sandbox: SandboxServer, connection_id: int) -> list[str]:
    """Six linked companies that look alike in pairs; their objects."""
    objects = []
    for place in range(3):
        for name in (f"Nordlicht {place}", f"Nordlicht {place} GmbH"):
            given = {"name": name, "domain": f"nordlicht{place}.de", "city": "Kiel"}
            objects.append(str(sandbox.create("companies", given)["id"]))
    pulling.pulled(connection_id)
    assert ids_listed("open") == [(1, 2), (3, 4), (5, 6)]
    return objects


def test_a_pair_that_somebody_merges_in_hubspot_while_a_bulk_merge_goes_on_is_merged_once(
    three_pairs: list[str],
    sandbox: SandboxServer,
    administrator: User,
    connection_id: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pulling.short_slices(monkeypatch)
    pulling.hasty_retries(monkeypatch)
    run_id = _begun(administrator, is_also_there=True)
    pulling.one_slice(run_id)
    done = len(ids_listed("merged"))
    assert done < 3
    sandbox.merge("companies", three_pairs[4], three_pairs[5])
    run = pulling.worked_off(run_id)
    assert run.state == "finished"
    pulling.pulled(connection_id)
    assert sandbox.counts()["companies"] == len(pulling.companies()) == 3
    assert len({link.remote_id for link in pulling.links("companies")}) == 3
    assert ids_listed("open") == []


def test_what_is_called_not_the_same_while_a_bulk_merge_goes_on_is_left(
    three_pairs: list[str], administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert three_pairs
    pulling.short_slices(monkeypatch)
    run_id = _begun(administrator)
    pulling.one_slice(run_id)
    left = ids_listed("open")[-1]
    decisions.keep_apart(current_services(), "companies", [left], user_id=administrator.id)
    pulling.worked_off(run_id)
    assert ids_listed("not_the_same") == [left]
    assert {row.id for row in pulling.companies()} >= set(left)


@pytest.mark.usefixtures("connection_id")
def test_a_group_of_fifty_is_foreseen_merged_and_put_back(administrator: User) -> None:
    numbers = [make_company(name="Nordlicht", domain="nordlicht.de", city="Ulm").id for _ in range(50)]
    for one, other in combinations(numbers, 2):
        if other - one == 1 or one == numbers[0]:
            list_pair("companies", one, other, points=45)
    before = records_now()
    pulling.worked_off(_begun(administrator, is_preview=True, records=tuple(numbers), stays=numbers[0]))
    assert records_now() == before
    run = pulling.worked_off(_begun(administrator, records=tuple(numbers), stays=numbers[0]))
    assert [row.id for row in pulling.companies()] == numbers[:1]
    assert ids_listed("open") == []
    undo_of(run.id)
    assert records_now() == before


@pytest.mark.usefixtures("connection_id")
def test_who_is_none_of_a_group_is_not_asked_about_again_once_a_later_member_is_merged(
    administrator: User,
) -> None:
    """Until then the later one may be either."""
    numbers = [make_company(name="Nordlicht", domain="nordlicht.de", city="Ulm").id for _ in range(4)]
    for one, other in combinations(numbers, 2):
        list_pair("companies", one, other, points=45)
    stranger, *group = numbers
    services = current_services()
    decisions.keep_apart(services, "companies", [(stranger, one) for one in group], user_id=administrator.id)
    later = make_company(name="Nordlicht", domain="nordlicht.de", city="Ulm").id
    finding.after_edit(services, "companies", later)
    assert (stranger, later) in ids_listed("open")
    records = (*group, later)
    pulling.worked_off(_begun(administrator, records=records, stays=group[0]))
    assert ids_listed("open") == []
    assert ids_listed("not_the_same") == [(stranger, group[0])]
    finding.after_edit(services, "companies", group[0])
    assert ids_listed("open") == []
