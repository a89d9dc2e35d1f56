"""Proxies are those of the environment, for every call of a client."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.servers.scripted_portal import ScriptedPortal
from webapp.hubspot.client import HubSpotClient


def test_calls_go_through_the_proxy_of_the_environment(
    portal: ScriptedPortal, make_client: Callable[..., HubSpotClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", portal.url)
    monkeypatch.setenv("NO_PROXY", "elsewhere.test")
    portal.will(200, {"portalId": 1}).will(200, {"portalId": 1})
    client = make_client(base_url="http://hubspot.test")
    for _ in range(2):
        client.account_details()
    assert [one.headers["Host"] for one in portal.requests] == ["hubspot.test", "hubspot.test"]


def test_hosts_that_the_environment_excepts_are_reached_without_proxy(
    portal: ScriptedPortal, make_client: Callable[..., HubSpotClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    portal.will(200, {"portalId": 1})
    make_client().account_details()
    assert len(portal.requests) == 1
