"""The application factory: settings, logging, extensions, services, blueprints, in this order."""

from pathlib import Path
from typing import Any

import msgspec
from flask import Flask, current_app, has_request_context
from redis import Redis
from sqlalchemy import make_url
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import cli
from webapp.errors import SettingsError
from webapp.extensions import LANGUAGE, babel, compress, csrf, db, htmx, login_manager, mail, migrate
from webapp.flask_mailer import FlaskMailer
from webapp.installation import logs
from webapp.installation.doubtful_settings import load_for_start
from webapp.installation.embedded_redis import ANSWER_S, Patience, embedded_redis
from webapp.services import Services
from webapp.settings import Settings, is_command
from webapp.store.database.engine import APPLICATION_NAME, VANISHED, configure
from webapp.store.database.transactions import Database
from webapp.store.database.write_coalescer import WriteCoalescer
from webapp.text.translated import DEFAULT
from webapp.usecases.connection import keys
from webapp.vault import Vault

_ROOT = Path(__file__).parent.parent


def create_app(
    settings: Settings | None = None, *, with_pages: bool = True, insists_on_key: bool = True
) -> Flask:
    """Make an application.

    Args:
        settings: in place of those of the environment.
        with_pages: whether it answers requests and sends mail; most commands do neither.
        insists_on_key: whether it is refused where the database was encrypted with another ENCRYPTION_KEY.

    Raises:
        SettingsError: a setting does not fit.
    """
    settings = settings or load_for_start(warns=is_command())
    logs.configure(settings)
    app = Flask(__name__, template_folder=_ROOT / "templates", static_folder=_ROOT / "static")
    app.config.from_mapping(_flask_config(settings))
    if with_pages:
        _look_first(app)
    _bind_extensions(app)
    services = _make_services(app, settings)
    if insists_on_key:
        _refuse_foreign_key(services)
    app.extensions["twinbook.services"] = services
    cli.register(app)
    if with_pages:
        _add_pages(app, settings)
    return app


def _look_first(app: Flask) -> None:
    """Limit requests before their tokens and sessions are read, while they hold no database connection."""
    from webapp.web import bodies  # noqa: PLC0415 - as below
    from webapp.web.live import sse  # noqa: PLC0415 - as below

    sse.register(app)
    bodies.register(app)


def _add_pages(app: Flask, settings: Settings) -> None:
    from webapp import web  # noqa: PLC0415 - a second of imports, which most commands can do without

    web.register(app)
    if settings.path_prefix:
        app.wsgi_app = web.PathPrefix(app.wsgi_app, settings.path_prefix)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _refuse_foreign_key(services: Services) -> None:
    try:
        keys.refuse_foreign_key(services)
    except SettingsError:
        services.database.dispose()
        raise


def refuse_unfit(settings: Settings) -> None:
    """Make an application and discard it, to fail once before processes are forked that would all fail.

    Raises:
        SettingsError: A setting does not fit, or ENCRYPTION_KEY is not that of the database.
    """
    services = services_of(create_app(settings))
    services.database.dispose()
    services.redis.close()


def services_of(app: Flask) -> Services:
    """The services that `create_app` made for an application."""
    services: Services = app.extensions["twinbook.services"]
    return services


def connect_redis(settings: Settings) -> Redis:
    """A client of the Redis that the settings name, or of the embedded one."""
    if settings.redis_url:
        return Redis.from_url(settings.redis_url, retry=Patience(), socket_timeout=ANSWER_S)
    return embedded_redis(settings.instance_path)


def _cookie_name(settings: Settings) -> str:
    """The name by which browsers themselves let nobody but this host set the cookie, over https alone.

    Under another name a neighbour below the same domain could plant a session of theirs.
    """
    if not settings.is_served_over_https:
        return "twinbook_session"
    # With a path of its own a cookie cannot be bound to its host.
    return f"{'__Secure-' if settings.path_prefix else '__Host-'}twinbook_session"


def _flask_config(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings),
        # Cookies are ours alone, also where others share the host.
        "APPLICATION_ROOT": settings.path_prefix or "/",
        # Pages and what they load; neither event streams nor files, which go out as they are made.
        "COMPRESS_MIMETYPES": [
            "text/html",
            "text/css",
            "text/javascript",
            "image/svg+xml",
            "application/json",
        ],
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        # From the next levels on, a page takes several times as long for next to nothing.
        "COMPRESS_BR_LEVEL": 5,
        "COMPRESS_LEVEL": 9,
        "COMPRESS_STREAMS": False,
        "SESSION_COOKIE_NAME": _cookie_name(settings),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_served_over_https,
        # Sessions end by their rows. The cookie outlives them, so that a form sent too late can be kept.
        "PERMANENT_SESSION_LIFETIME": 7 * 24 * 3600,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
        "MAIL_SERVER": settings.mail_server,
        "MAIL_PORT": settings.mail_port,
        "MAIL_USERNAME": settings.mail_username or None,
        "MAIL_PASSWORD": settings.mail_password or None,
        "MAIL_USE_TLS": settings.has_starttls,
        "MAIL_USE_SSL": settings.has_mail_over_tls,
        "MAIL_DEFAULT_SENDER": settings.mail_default_sender or None,
    }


def _engine_options(settings: Settings) -> dict[str, Any]:
    options: dict[str, Any] = {
        # Errors reach the log, which holds no person's data.
        "hide_parameters": True,
        # The connection used last comes first: its page cache is warm already.
        "pool_use_lifo": True,
        "json_serializer": lambda value: msgspec.json.encode(value).decode(),
        "json_deserializer": msgspec.json.decode,
    }
    if not settings.database_url.startswith("sqlite"):
        # The server shows whose connections these are; a restore checks it.
        given = make_url(settings.database_url).query
        options["connect_args"] = {"application_name": APPLICATION_NAME} | {
            name: value for name, value in VANISHED.items() if name not in given
        }
        if not settings.database_prepared_statements:
            # Behind a pooler the next transaction may be on a connection that has not prepared them.
            options["connect_args"]["prepare_threshold"] = None
    return options


def _bind_extensions(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db, directory=str(_ROOT / "webapp" / "migrations"), compare_type=True)
    login_manager.init_app(app)
    csrf.init_app(app)
    mail.init_app(app)
    htmx.init_app(app)
    compress.init_app(app)
    # A function, since a command has no request to take a language from.
    babel.init_app(
        app,
        default_translation_directories=str(_ROOT / "webapp" / "translations"),
        locale_selector=_language,
    )


def _language() -> str:
    if not has_request_context():
        return DEFAULT
    chosen: str = current_app.extensions[LANGUAGE]()
    return chosen


def _make_services(app: Flask, settings: Settings) -> Services:
    with app.app_context():
        engine = db.engine
    configure(engine)
    return Services(
        settings=settings,
        database=Database(engine),
        redis=connect_redis(settings),
        vault=Vault(settings.encryption_key),
        mailer=FlaskMailer(app, mail, settings),
        deliveries=WriteCoalescer(),
    )
