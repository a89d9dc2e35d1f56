from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.servers.scripted_portal import scripted_portal
from webapp.hubspot.auth import OAuthApp, refresh
from webapp.hubspot.client import HubSpotClient
from webapp.hubspot.errors import TlsTrouble, WaitLonger
from webapp.text.refusals import refusal


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def test_a_certificate_that_cannot_be_trusted_is_explained_and_nothing_is_sent(
    self_signed: ssl.SSLContext, make_client: Callable[..., HubSpotClient]
) -> None:
    with scripted_portal(self_signed) as portal:
        with pytest.raises(TlsTrouble) as caught:
            make_client(base_url=portal.url).account_details()
        assert not caught.value.retryable
        assert caught.value.problem is not None
        text = refusal(caught.value.problem)
        assert re.search(r"certificate of 127.0.0.1.*REQUESTS_CA_BUNDLE", text)
        with pytest.raises(TlsTrouble):
            refresh(OAuthApp(portal.url, "2026-03", "id", "secret", "http://localhost/cb"), "old")
        assert portal.requests == []


def test_a_handshake_that_is_cut_off_says_nothing_about_the_certificate(
    make_client: Callable[..., HubSpotClient],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=_cut_handshakes, args=(server,), daemon=True).start()
        with pytest.raises(WaitLonger, match="hubspot_unreachable"):
            make_client(base_url=f"https://127.0.0.1:{server.getsockname()[1]}").account_details()


def _cut_handshakes(server: socket.socket) -> None:
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection:
                connection.recv(10_000)


def test_a_certificate_in_the_bundle_of_the_environment_is_trusted(
    self_signed: ssl.SSLContext,
    make_client: Callable[..., HubSpotClient],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "server.pem"))
    with scripted_portal(self_signed) as portal:
        portal.will(200, {"portalId": 1})
        make_client(base_url=portal.url).account_details()
        assert len(portal.requests) == 1
