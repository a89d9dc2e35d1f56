"""The settings an operator gives: read once, checked once, then a frozen value.

Sources, first wins: the environment, then a `.env` file in the working folder. `NAME_FILE` names a file that
holds the value of NAME, for secrets. A wrong value is refused at start with its name and what fits.
"""

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values

from webapp.errors import SettingsError
from webapp.installation.kept_keys import kept
from webapp.installation.setting_values import READERS, keys

Origin = Literal["environment", ".env", "file", "instance folder", "default"]
"""Where a value comes from; `file` is that which NAME_FILE names."""
INSTANCE_FOLDER: Origin = "instance folder"

SECRETS = frozenset(
    {
        "secret_key",
        "encryption_key",
        "hubspot_client_secret",
        "mail_password",
        "metrics_token",
        "sentry_dsn",
        "database_url",
        "redis_url",
    }
)
"""The settings whose values are shown to nobody: an address may hold a password."""

SMTPS_PORT = 465
KEY_OF_THE_DATABASE = (
    "the key with which this database's tokens were encrypted. The machine that connected HubSpot has it, in "
    "the file encryption_key of its instance folder or in ENCRYPTION_KEY: set the same here"
)
"""What fits as ENCRYPTION_KEY, where a database has tokens already."""


@dataclass(frozen=True)
class Settings:
    """What `docs/settings.md` lists, under the same names in lower case; that page has the units.

    `database_url` and the two keys are always filled in (`complete`); `redis_url` stays empty for the
    embedded server.
    """

    instance_path: Path = Path("instance")
    secret_key: str = ""
    encryption_key: tuple[str, ...] = ()
    database_url: str = ""
    database_prepared_statements: bool = True
    redis_url: str = ""
    public_url: str = "http://localhost:8000"
    hubspot_api_url: str = "https://api.hubapi.com"
    hubspot_app_url: str = "https://app.hubspot.com"
    hubspot_api_version: str = "2026-03"
    hubspot_client_id: str = ""
    hubspot_client_secret: str = ""
    hubspot_app_id: str = ""
    hubspot_rate_limit: int | None = None
    hubspot_daily_reserve: float = 0.10
    mail_server: str = ""
    mail_port: int = 25
    mail_username: str = ""
    mail_password: str = ""
    mail_use_tls: bool = False
    mail_default_sender: str = ""
    log_retention_days: int = 90
    audit_retention_days: int = 365
    reconcile_minutes: int | None = None
    webhook_accept_v1: bool = False
    trusted_proxies: int = 0
    metrics_token: str = ""
    sentry_dsn: str = ""

    @property
    def has_oauth_app(self) -> bool:
        """Whether a person can connect by OAuth here."""
        return bool(self.hubspot_client_id and self.hubspot_client_secret)

    @property
    def is_served_over_https(self) -> bool:
        """Whether cookies can be marked as secure."""
        return self.public_url.startswith("https://")

    @property
    def path_prefix(self) -> str:
        """The path of PUBLIC_URL, below which our addresses are; empty where that is the host alone."""
        return urlsplit(self.public_url).path.rstrip("/")

    @property
    def mail_sender(self) -> str:
        """The address that mail comes from."""
        return self.mail_default_sender or self.mail_username or "twinbook@localhost"

    @property
    def has_mail_over_tls(self) -> bool:
        """Whether the connection to the mail server is encrypted from the start, as port 465 is there for."""
        return self.mail_port == SMTPS_PORT

    @property
    def has_starttls(self) -> bool:
        """Whether it is encrypted once both sides have said hello."""
        return self.mail_use_tls and not self.has_mail_over_tls


def load_settings(environ: Mapping[str, str] | None = None, dotenv: Path | None = None) -> Settings:
    """Read and check every setting, then make what only this installation can make: its keys.

    Args:
        environ: in place of the process's environment.
        dotenv: in place of `.env` in the working folder.

    Raises:
        SettingsError: a value does not fit; the message names the setting and what fits.
    """
    source = _merged(os.environ if environ is None else environ, _of_dotenv(dotenv))
    given = {field.name: _parsed(field.name, source) for field in fields(Settings)}
    return complete(Settings(**{name: value for name, value in given.items() if value is not None}))


def complete(settings: Settings) -> Settings:
    """Fill in what depends on the instance folder: the database and the generated keys."""
    folder = settings.instance_path.resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            "INSTANCE_PATH", f"a folder we may write to ({error.strerror}: {folder})"
        ) from error
    values = {field.name: getattr(settings, field.name) for field in fields(Settings)}
    values["instance_path"] = folder
    values["secret_key"] = settings.secret_key or kept(folder / "secret_key", lambda: secrets.token_hex(32))
    values["encryption_key"] = settings.encryption_key or _kept_keys(folder / "encryption_key")
    values["database_url"] = settings.database_url or own_database(folder)
    return Settings(**values)


def own_database(folder: Path) -> str:
    """The address of the database in an instance folder, where none is given."""
    return f"sqlite:///{folder / 'twinbook.db'}"


def origins(environ: Mapping[str, str] | None = None, dotenv: Path | None = None) -> dict[str, Origin]:
    """The origin of each setting's value, by its name in lower case."""
    given = {
        "environment": os.environ if environ is None else environ,
        ".env": _of_dotenv(dotenv),
    }
    return {field.name: _origin(field.name.upper(), given) for field in fields(Settings)}


def given_names(environ: Mapping[str, str] | None = None, dotenv: Path | None = None) -> set[str]:
    """All names that have a value in the environment or in a `.env` file, whoever they are meant for."""
    return {*(os.environ if environ is None else environ), *_of_dotenv(dotenv)}


def _origin(name: str, given: Mapping[Any, Mapping[str, str | None]]) -> Origin:
    for origin, source in given.items():
        if source.get(name):
            found: Origin = origin
            return found
    if any(source.get(f"{name}_FILE") for source in given.values()):
        return "file"
    return INSTANCE_FOLDER if name in ("SECRET_KEY", "ENCRYPTION_KEY") else "default"


def is_command() -> bool:
    """Whether this process runs one of the `flask` commands, whose errors are one line."""
    return os.environ.get("FLASK_RUN_FROM_CLI") == "true"


def _of_dotenv(path: Path | None) -> dict[str, str | None]:
    """The content of a `.env` file; editors of Windows put a mark before its first letter."""
    try:
        return dotenv_values(path or Path(".env"), encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(".env", f"a file we can read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise SettingsError(".env", "a text in UTF-8") from error


def _merged(environ: Mapping[str, str], dotenv: Mapping[str, str | None]) -> dict[str, str]:
    """One mapping of names to texts, files of `NAME_FILE` read; a blank text counts as not given."""
    source = {name: value for name, value in dotenv.items() if value and value.strip()}
    source |= {name: value for name, value in environ.items() if value.strip()}
    for field in fields(Settings):
        name = field.name.upper()
        if name not in source and (path := source.get(f"{name}_FILE")):
            source[name] = _of_file(f"{name}_FILE", Path(path))
    return source


def _of_file(name: str, path: Path) -> str:
    """The value in the file that a setting names; for an empty file of a key another key would be made."""
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        raise SettingsError(name, f"a file we can read ({error.strerror}: {path})") from error
    except UnicodeDecodeError as error:
        raise SettingsError(name, f"a file with a text in UTF-8 ({path})") from error
    if not text:
        raise SettingsError(name, f"a file with a value in it ({path} is empty)")
    return text


def _parsed(field: str, source: Mapping[str, str]) -> Any:
    """The checked value of one setting, or None when it was not given."""
    text = source.get(field.upper())
    if text is None:
        return None
    try:
        return READERS.get(field, str)(text.strip())
    except ValueError as error:
        raise SettingsError(field.upper(), str(error)) from error


def _kept_keys(path: Path) -> tuple[str, ...]:
    """The keys kept in a file, where there may be several during a change, as in the setting."""
    try:
        return keys(kept(path, _new_key))
    except ValueError as error:
        raise SettingsError("ENCRYPTION_KEY", f"{error} (in {path})") from error


def _new_key() -> str:
    """A key as Fernet makes one."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
