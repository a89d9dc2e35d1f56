"""What belongs to the application at work, for code below the pages that must not import the factory."""

from flask import current_app
from redis import Redis

from webapp.settings import Settings
from webapp.vault import Vault


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
