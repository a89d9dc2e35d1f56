"""A log line for every request, with an id that the answer, its runs, jobs and other log lines carry too.

The line names the rule of the address and not the address, which may hold the token of a link.
"""

import contextlib
import time
from functools import partial
from uuid import uuid4

import structlog
from flask import Flask, g, request
from redis import Redis
from redis.exceptions import RedisError
from werkzeug.wrappers import Response

from webapp.domain.people.actor import is_request_id
from webapp.usecases.operating.durations import REQUESTS
from webapp.web.frame.assets import KEPT
from webapp.web.services import services

HEADER = "X-Request-Id"
_SILENT = (*KEPT, "health.healthz", "health.readyz", "metrics.show")

_log = structlog.get_logger()


def register(app: Flask) -> None:
    """Log every request; called before anything else is, so that all of a request is under its id."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if is_request_id(given) else uuid4().hex
    g.began_s = time.perf_counter()
    # A thread serves one request after the other.
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _flush(redis: Redis) -> None:
    with contextlib.suppress(RedisError):
        REQUESTS.flush(redis)


def _end(response: Response) -> Response:
    if "request_id" not in g:
        return response
    response.headers[HEADER] = g.request_id
    took_s = time.perf_counter() - g.began_s
    if request.endpoint in _SILENT:
        return response
    REQUESTS.add(response.status_code, took_s)
    if REQUESTS.is_due():
        response.call_on_close(partial(_flush, services().redis))
    _log.info(
        "request",
        method=request.method,
        rule=request.url_rule.rule if request.url_rule else None,
        status=response.status_code,
        ms=round(took_s * 1000, 1),
        user_id=getattr(g.get("_login_user"), "id", None),
    )
    return response
