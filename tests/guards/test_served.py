"""The application as it is started in earnest."""

from __future__ import annotations

import requests

from tests.support.served import ServedApp


def test_the_application_is_served_with_real_processes(served_app: ServedApp) -> None:
    page = requests.get(f"{served_app.url}/companies", timeout=10)
    assert page.url.startswith(f"{served_app.url}/login")
    assert served_app.worker.poll() is None, served_app.log("worker")
