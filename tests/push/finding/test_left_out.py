"""A company that a search finds and a batch leaves out is not made again for that (B49)."""

from __future__ import annotations

import pytest

from tests.support.samples.factories import make_company
from tests.support.servers.sandbox_server import SandboxServer
from tests.support.usecases import pulling
from tests.support.usecases.pushing import objects, pushed

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize("silences", [2, 3])
@pytest.mark.parametrize("domain", ["acme.de", None])
def test_a_company_that_the_batch_is_silent_about_is_linked(
    with_key: int, sandbox: SandboxServer, domain: str | None, silences: int
) -> None:
    there = sandbox.create("companies", {"name": "Acme", "domain": domain or ""})
    sandbox.settings(search_delay_s=0)
    make_company(name="Acme", domain=domain)
    sandbox.fault("odd", path="*/companies/batch/read", oddity="empty_page", times=silences)
    run = pushed(with_key)
    assert [one["hits"] for one in sandbox.faults()] == [silences]
    assert run.state == "finished"
    assert [one["id"] for one in objects(sandbox, "companies")] == [there["id"]]


def test_a_company_that_is_gone_since_the_search_saw_it_is_made_again(
    with_key: int, sandbox: SandboxServer
) -> None:
    gone = sandbox.create("companies", {"name": "Acme", "domain": "acme.de"})
    sandbox.settings(search_delay_s=3600)
    sandbox.archive("companies", gone["id"])
    make_company(name="Acme", domain="acme.de")
    run = pushed(with_key)
    assert run.counts["companies"] == {"created": 1}
    [link] = pulling.links("companies")
    assert link.remote_id != gone["id"]
