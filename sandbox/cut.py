"""Cutting a connection before the first byte of an answer."""

import contextlib
import socket
from typing import Any

from flask import Response

CUT = 499  # how the log shows an answer that was never sent


def cut_connection(environ: dict[str, Any]) -> Response:
    """Close the client's connection; the response returned goes nowhere."""
    connection = environ.get("gunicorn.socket")
    if isinstance(connection, socket.socket):
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    return Response(b"", status=CUT)
