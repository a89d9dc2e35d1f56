"""The services of the application whose context is pushed, as use cases and jobs get them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from types import ModuleType
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session

from webapp import jobs
from webapp.services import Services


def current_services() -> Services:
    """The services of the application at work."""
    services: Services = current_app.extensions["twinbook.services"]
    return services


def bound_jobs() -> ModuleType:
    """The jobs, which work with the services of the application at work."""
    jobs.bind(current_services())
    return jobs


def change_services(app: Flask, **values: Any) -> None:
    """Give an application other services than it was made with."""
    app.extensions["twinbook.services"] = replace(app.extensions["twinbook.services"], **values)


def reading() -> AbstractContextManager[Session]:
    """One short reading transaction."""
    return current_services().database.reading()


def writing() -> AbstractContextManager[Session]:
    """One writing transaction."""
    return current_services().database.writing()
