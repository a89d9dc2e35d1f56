"""A portal in which a pull has a middle that a fault can strike."""

from __future__ import annotations

from tests.support.servers.sandbox_server import SandboxServer

COMPANIES, CONTACTS = 250, 600
# Far enough away that a pull takes some seconds.
_LATENCY_MS = 250


def fill(sandbox: SandboxServer) -> None:
    """Give the portal the mess of a real one, a little away."""
    sandbox.restore_defaults(companies=COMPANIES, contacts=CONTACTS)
    sandbox.settings(latency_ms=_LATENCY_MS)
