"""A setting that does not fit is refused at start, by its name and with what would fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.applications.app import ENCRYPTION_KEY as KEY
from webapp.errors import SettingsError
from webapp.installation import kept_keys
from webapp.installation.doubtful_settings import Doubt, doubts, unknown
from webapp.settings import SECRETS, Settings, load_settings


def loaded(folder: Path, **environment: str) -> Settings:
    return load_settings({"INSTANCE_PATH": str(folder / "instance"), **environment}, folder / ".env")


_WRONG = {
    "INSTANCE_PATH": ["~nobody-has-this-name/x", "/dev/null", "/dev/null/x"],
    "ENCRYPTION_KEY": [",", "short", f"{KEY},short"],
    "DATABASE_URL": [
        *("twinbook.db", "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite://host/book.db"),
        *("postgres://h/b", "mysql://h/b", "postgresql+psycopg2://h/b", "postgresql://h:many/b"),
        *("postgresql://u:p@ss@h/b", "postgresql", '"sqlite:////tmp/book.db"'),
    ],
    "DATABASE_PREPARED_STATEMENTS": ["maybe", "2", '"off"', "ön"],
    "REDIS_URL": [
        *("localhost:6379", "redis://h:many/0", "redis://h:99999/0", "redis://h/book", "http://h", "redis"),
        *("redis://h/0?socket_timeout=soon", "redis://h/0?unheard_of=1"),
    ],
    "PUBLIC_URL": [
        *("example.com", "ftp://example.com", "https://", "https://exa mple.com", "https://bücher.example"),
        *("https://example.com:many", "https://example.com:0", "https://u:p@example.com", "https://[::1"),
        *("https://example.com/?a=b", "https://example.com/#a", "https://example.com/ä", "https://a/b c"),
        *('"https://example.com"', "https://-"),
    ],
    "HUBSPOT_API_URL": ["api.hubapi.com", "https://api.hubapi.com:x", "https://u@api.hubapi.com"],
    "HUBSPOT_APP_URL": ["app", "https://app.hubspot.com?x=1"],
    "HUBSPOT_API_VERSION": ["v4", "2026", "V3"],
    "HUBSPOT_RATE_LIMIT": ["0", "-1", "+5", "1e3", "100 calls", "1.5", "9" * 5000, "²", "٣"],
    "HUBSPOT_DAILY_RESERVE": ["100 %", "1", "-0.1", "nan", "a tenth", "0,1", "%"],
    "MAIL_SERVER": ["mail.example.com:587", "smtp://mail.example.com", "a@b", "two names", "[::1]"],
    "MAIL_PORT": ["0", "65536", "smtp", "25/tcp"],
    "MAIL_USE_TLS": ["starttls", "587", "-"],
    "MAIL_DEFAULT_SENDER": ["twinbook", "a@b, c@d", "Twinbook <twinbook>", "a b@c", "jörg@example.com"],
    "LOG_RETENTION_DAYS": ["0", "90 days", "3651", "forever"],
    "AUDIT_RETENTION_DAYS": ["0", "1y", "36501"],
    "RECONCILE_MINUTES": ["0", "1441", "10 min"],
    "WEBHOOK_ACCEPT_V1": ["v1", "?"],
    "TRUSTED_PROXIES": ["-1", "11", "on", "127.0.0.1"],
    "SENTRY_DSN": ["on", "https://host/1", "https://key@host/", "https://key@host/name", "https://key@h:x/1"],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in _WRONG for text in _WRONG[name]])
def test_a_value_that_does_not_fit_is_refused_by_its_name_with_what_fits(
    tmp_path: Path, name: str, text: str
) -> None:
    with pytest.raises(SettingsError, match=rf"^{name}: expected ") as refused:
        loaded(tmp_path, **{name: text})
    if name.lower() in SECRETS:
        assert f" {text} " not in f" {refused.value} "
    assert "Exceeds" not in str(refused.value)


_RIGHT = {
    "DATABASE_URL": [
        *("sqlite:///book.db", "sqlite:////var/lib/book.db", "postgresql+psycopg://twinbook@/twinbook"),
        *("postgresql://u:p%40ss@h:5432/b?sslmode=require", "postgresql+psycopg://h/b?host=a&host=b"),
    ],
    "REDIS_URL": [
        *("redis://127.0.0.1:6379/0", "redis://queue", "redis://:p@h/", "unix:///run/redis.sock?db=1"),
        *("rediss://u:p@h:6380/1?ssl_cert_reqs=none", "redis://[::1]:6379/15"),
    ],
    "MAIL_SERVER": ["mail.example.com", "mail_server", "127.0.0.1", "::1", "localhost."],
    "MAIL_DEFAULT_SENDER": ["a@b", "Twinbook <twinbook@example.com>", '"Doe, Jane" <jane@example.com>'],
    "SENTRY_DSN": ["https://key@o1.ingest.sentry.io/12", "http://key:old@sentry.example.com/path/12"],
    "PUBLIC_URL": [
        "https://example.com",
        "http://[::1]:8000",
        "https://my_host/book",
        "https://xn--a.example",
    ],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in _RIGHT for text in _RIGHT[name]])
def test_a_value_that_fits_is_taken_as_it_is(tmp_path: Path, name: str, text: str) -> None:
    assert getattr(loaded(tmp_path, **{name: f" {text} "}), name.lower()) == text


@pytest.mark.parametrize("text", ["on", "ON", "yes", "True", "1"])
def test_a_switch_is_understood_in_every_usual_form(tmp_path: Path, text: str) -> None:
    assert loaded(tmp_path, MAIL_USE_TLS=text).mail_use_tls is True


def test_an_address_in_capitals_is_the_same_one(tmp_path: Path) -> None:
    """Cookies are marked as secure by how it begins."""
    found = loaded(tmp_path, PUBLIC_URL="HTTPS://Book.Example.com:/Path/")
    assert (found.public_url, found.is_served_over_https) == ("https://book.example.com/Path", True)


def test_a_blank_value_counts_as_not_given(tmp_path: Path) -> None:
    found = loaded(tmp_path, MAIL_PORT="", HUBSPOT_RATE_LIMIT="  ", PUBLIC_URL="\t")
    assert (found.mail_port, found.hubspot_rate_limit) == (25, None)


def test_a_file_of_a_setting_has_to_hold_a_value(tmp_path: Path) -> None:
    file = tmp_path / "secret"

    def refusal() -> str:
        with pytest.raises(SettingsError) as refused:
            loaded(tmp_path, ENCRYPTION_KEY_FILE=str(file))
        return str(refused.value)

    assert refusal().startswith("ENCRYPTION_KEY_FILE: expected a file we can read (No such file")
    file.write_text("\n")
    assert refusal() == f"ENCRYPTION_KEY_FILE: expected a file with a value in it ({file} is empty)"
    file.write_bytes(b"\xff\xfe")
    assert refusal().startswith("ENCRYPTION_KEY_FILE: expected a file with a text in UTF-8")
    file.write_text("nonsense")
    assert refusal().startswith("ENCRYPTION_KEY: expected 32 random bytes")
    file.write_text(f"\ufeff{KEY}\r\n")
    assert loaded(tmp_path, ENCRYPTION_KEY_FILE=str(file)).encryption_key == (KEY,)


def test_a_dotenv_file_of_another_machine_is_read_or_refused(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes("\ufeffMAIL_PORT=\"587\"\r\nexport MAIL_USE_TLS='on' # over STARTTLS\r\n".encode())
    found = loaded(tmp_path)
    assert (found.mail_port, found.mail_use_tls) == (587, True)
    file.write_bytes(b"MAIL_USERNAME=J\xf6rg\n")
    with pytest.raises(SettingsError, match=r"^\.env: expected a text in UTF-8"):
        loaded(tmp_path)


def test_what_the_environment_gives_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MAIL_PORT=587\nRECONCILE_MINUTES=5\n")
    found = loaded(tmp_path, MAIL_PORT="465")
    assert (found.mail_port, found.reconcile_minutes) == (465, 5)


def test_a_name_with_a_slip_is_told_what_was_meant() -> None:
    assert unknown(
        ["PUBILC_URL", "TWINBOOK_PUBLIC_URL", "mail_server", "ENCRPYTION_KEY", "DATABASE_URL", "TWINBOOK_X"]
    ) == [
        ("ENCRPYTION_KEY", "ENCRYPTION_KEY"),
        ("PUBILC_URL", "PUBLIC_URL"),
        ("TWINBOOK_PUBLIC_URL", "PUBLIC_URL"),
        ("TWINBOOK_X", None),
        ("mail_server", "MAIL_SERVER"),
    ]


def test_quotation_marks_that_nobody_took_off_are_warned_of(tmp_path: Path) -> None:
    found = loaded(tmp_path, HUBSPOT_CLIENT_SECRET='"secret"', MAIL_PASSWORD="it's", MAIL_USERNAME="'")
    assert doubts(found, ()) == [Doubt("setting_quoted", "HUBSPOT_CLIENT_SECRET")]


def test_processes_that_begin_together_have_one_key(tmp_path: Path) -> None:
    """Both have seen that there is none; the one that is done first has made it."""
    file = tmp_path / "key"

    def make_while_another_does() -> str:
        assert kept_keys.kept(file, lambda: "the first") == "the first"
        return "the second"

    assert kept_keys.kept(file, make_while_another_does) == "the first"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_key_that_cannot_be_kept_leaves_no_empty_file(tmp_path: Path) -> None:
    """As on a full disk: an empty one would be taken for a key that was lost."""
    with pytest.raises(UnicodeEncodeError):
        kept_keys.kept(tmp_path / "key", lambda: "\udcff")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_nothing_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="INSTANCE_PATH: expected a folder"):
        load_settings({"INSTANCE_PATH": "/proc/self"}, Path("/nonexistent/.env"))
