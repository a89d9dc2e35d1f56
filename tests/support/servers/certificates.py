"""Certificates that nobody has signed but themselves."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path
from typing import NamedTuple


class SelfSigned(NamedTuple):
    """A server's certificate: the file of it alone, and what the server speaks TLS with."""

    file: Path
    context: ssl.SSLContext


def self_signed(folder: Path, name: str = "IP:127.0.0.1") -> SelfSigned:
    """A certificate that was made for a name, as `IP:127.0.0.1` or `DNS:elsewhere.example`."""
    key, file = folder / "key.pem", folder / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    named = ["-addext", f"subjectAltName={name}", "-keyout", str(key), "-out", str(file)]
    subprocess.run([*made, *named], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file, key)
    return SelfSigned(file, context)
