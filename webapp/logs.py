"""Structured logging: one JSON object a line, a constant event name with ids, never a person's data."""

import logging
import sys

import sentry_sdk
import structlog

from webapp.settings import Settings


def configure(settings: Settings) -> None:
    """Log to standard error; report surprises to Sentry when a DSN is set."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
    if settings.sentry_dsn:
        sentry_sdk.init(dsn=settings.sentry_dsn, send_default_pii=False)
