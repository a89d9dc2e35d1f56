"""The command, and the data that it starts with."""

import os
import signal
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
import requests

from tests.support.clocks.patience import PATIENCE_S
from tests.support.servers.sandbox_server import ROOT, SandboxServer

NAMES = "email,firstname,lastname,jobtitle,phone,hs_additional_emails"


def everything(portal: SandboxServer, kind: str, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = "0"
    while after:
        page = portal.api(
            "GET", f"/crm/objects/2026-03/{kind}", params={"limit": 100, "after": after, **query}
        ).json()
        found += page["results"]
        after = page.get("paging", {}).get("next", {}).get("after")
    return found


def test_the_same_seed_makes_the_same_portal(portal: SandboxServer) -> None:
    def draw(seed: int) -> list[dict[str, Any]]:
        portal.reset(companies=40, contacts=200, seed=seed)
        return everything(portal, "contacts", properties=NAMES, associations="companies")

    first = draw(7)
    assert first == draw(7)
    assert first != draw(8)


def test_the_default_portal_is_as_untidy_as_a_real_one(portal: SandboxServer) -> None:
    portal.reset(companies=400, contacts=2000, seed=7)
    contacts = everything(portal, "contacts", properties=NAMES, associations="companies")
    assert len(contacts) == 2000
    companies_of = [
        len({e["id"] for e in c.get("associations", {}).get("companies", {"results": []})["results"]})
        for c in contacts
    ]
    assert {0, 1, 2, 3} <= set(companies_of)
    assert max(companies_of) >= 10
    values = [c["properties"] for c in contacts]
    assert any("\x00" in (v["firstname"] or "") for v in values)
    assert any(len(v["jobtitle"] or "") > 5000 for v in values)
    assert any(v["hs_additional_emails"] for v in values)
    assert any(v["email"] is None for v in values)
    assert any((v["email"] or "").endswith("@gmail.com") for v in values)
    phones = [v["phone"] for v in values if v["phone"]]
    assert len(set(phones)) < len(phones)
    firms = everything(portal, "companies", properties="name,domain")
    domains = [f["properties"]["domain"] for f in firms if f["properties"]["domain"]]
    assert len(firms) == 400
    assert len(set(domains)) < len(domains) < 400
    assert any(f["properties"]["name"] is None for f in firms)
    assert firms[0]["id"] == contacts[0]["id"], "ids are unique within one type only"


def test_a_large_portal_has_no_more_namesakes_than_a_small_one(portal: SandboxServer) -> None:
    shares = []
    for companies in (1000, 8000):
        portal.reset(companies=companies, contacts=0, seed=7)
        firms = everything(portal, "companies", properties="name")
        # The first two words: what follows is the form of the firm.
        names = Counter(" ".join((f["properties"]["name"] or f["id"]).split()[:-1]) for f in firms)
        shares.append(sum(number for number in names.values() if number > 1) / companies)
    assert shares[0] == pytest.approx(shares[1], abs=0.08)


def test_addresses_are_unique_in_the_sample_too(portal: SandboxServer) -> None:
    portal.reset(companies=20, contacts=3000)
    seen: list[str] = []
    for contact in everything(portal, "contacts", properties=NAMES):
        values = contact["properties"]
        seen += [values["email"]] if values["email"] else []
        seen += (values["hs_additional_emails"] or "").split(";") if values["hs_additional_emails"] else []
    assert len(seen) == len(set(seen))


def test_switches_and_faults_can_be_set_at_the_start() -> None:
    options: dict[str, Any] = {"set": {"portal_id": 5}, "fault": '{"kind": "status", "status": 502}'}
    with SandboxServer().start(companies=1, contacts=1, token="pat-x", **options) as portal:
        details = "/account-info/v3/details"
        assert portal.api("GET", details, token="pat-x").status_code == 502
        assert portal.api("GET", details, token="pat-x").json()["portalId"] == 5


@pytest.mark.parametrize("wrong", [["--set", "nosuch=1"], ["--fault", "{}"], ["--rate-limit", "lots"]])
def test_a_wrong_option_is_refused_with_a_reason(wrong: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "sandbox", *wrong],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("sandbox: ")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the parent-death signal is Linux's")
def test_the_portal_ends_with_its_parent() -> None:
    code = (
        "import os, subprocess, sys\n"
        "p = subprocess.Popen([sys.executable, '-m', 'sandbox', '--port', '0', '--contacts', '0'],"
        " stdout=subprocess.PIPE, text=True)\n"
        "print(p.stdout.readline().split()[-1], flush=True)\n"
        "sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdin is not None
    url = parent.stdout.readline().strip()
    assert requests.get(f"{url}/sandbox/counts", timeout=PATIENCE_S).status_code == 200
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait(PATIENCE_S)
    parent.stdin.close()
    parent.stdout.close()

    def is_ended() -> bool:
        try:
            requests.get(f"{url}/sandbox/counts", timeout=PATIENCE_S)
        except requests.ConnectionError:
            return True
        return False

    SandboxServer().wait_until(is_ended)
