"""Answers on their way out: encoded, spoiled, or never sent."""

import contextlib
import json
import socket
from typing import Any

import msgspec
from flask import Response

from sandbox.calls.call import Answer
from sandbox.calls.errors import ApiError
from sandbox.calls.faults import Fault

JSON_TYPE = "application/json;charset=utf-8"
HTML_PAGE = b"<html><head><title>Just a moment...</title></head><body>We'll be right back.</body></html>"
CUT = 499  # how the log shows an answer that was never sent


def success(answer: Answer, headers: dict[str, str]) -> Response:
    """A handler's answer."""
    if answer.body is None:
        return Response(status=answer.status, headers=headers)
    return Response(encode(answer.body), status=answer.status, headers=headers, content_type=JSON_TYPE)


def failure(refusal: ApiError, headers: dict[str, str]) -> Response:
    """An error answer; its correlation id is in a header too."""
    response = Response(
        encode(refusal.body),
        status=refusal.status,
        headers={**headers, **refusal.headers},
        content_type=JSON_TYPE,
    )
    if "correlationId" in refusal.body:
        response.headers["x-hubspot-correlation-id"] = refusal.body["correlationId"]
    return response


def spoiled(fault: Fault, body: bytes) -> Response:
    """A body that is declared as JSON and is not, or a gateway's page."""
    if fault.body == "html":
        return Response(HTML_PAGE, content_type="text/html")
    if fault.body == "empty":
        return Response(b"", content_type=JSON_TYPE)
    return Response(body[: max(1, len(body) // 2)], content_type=JSON_TYPE)


def refused_by_others(fault: Fault) -> Response:
    """A refusal by what stands before the portal, such as a firewall: a page, nothing, or JSON of its own."""
    if fault.style == "html":
        return Response(HTML_PAGE, status=fault.status, content_type="text/html")
    if fault.style == "none":
        return Response(b"", status=fault.status)
    body = {"error": "Request blocked", "message": "Policy 1171", "path": "/", "statusCode": fault.status}
    return Response(encode(body), status=fault.status, content_type=JSON_TYPE)


def cut_connection(environ: dict[str, Any]) -> Response:
    """Close the client's connection before the first byte; the response returned goes nowhere."""
    connection = environ.get("gunicorn.socket")
    if isinstance(connection, socket.socket):
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    return Response(b"", status=CUT)


def encode(body: Any) -> bytes:
    """A body as JSON bytes."""
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        # A lone surrogate has no UTF-8 form: only its escape can travel.
        return json.dumps(msgspec.to_builtins(body), separators=(",", ":")).encode()
