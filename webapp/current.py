"""What belongs to the application at work, for code below the pages that must not import the factory."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import current_app
from redis import Redis

from webapp.settings import Settings
from webapp.vault import Vault

P = ParamSpec("P")
R = TypeVar("R")


def current_settings() -> Settings:
    """The settings of the application at work."""
    settings: Settings = current_app.extensions["twinbook.settings"]
    return settings


def current_redis() -> Redis:
    """The Redis client of the application at work."""
    redis: Redis = current_app.extensions["twinbook.redis"]
    return redis


def current_vault() -> Vault:
    """What encrypts and decrypts tokens for the application at work."""
    vault: Vault = current_app.extensions["twinbook.vault"]
    return vault


def in_this_app(function: Callable[P, R]) -> Callable[P, R]:
    """The function for a thread of our own, where otherwise no application is at work."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - the documented way

    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with app.app_context():
            return function(*args, **kwargs)

    return call
