"""`make serve`: everything embedded, against the real HubSpot."""

import os

from webapp.errors import SettingsError
from webapp.installation.doubtful_settings import load_for_start
from webapp.installation.embedded_redis import set_aside
from webapp.installation.setting_values import whole
from webapp.launch.parts import ROOT, flask, start_web_and_workers
from webapp.launch.places import alone, free_port, stop_redis
from webapp.launch.programs import Programs
from webapp.processes.terminal import print_line
from webapp.settings import Settings


def launch() -> None:
    """Run until interrupted.

    Raises:
        LaunchError: a part does not start, or all of it runs in this folder already.
        SettingsError: a setting does not fit.
    """
    os.chdir(ROOT)
    settings = load_for_start()
    with alone(settings.instance_path / "serve.lock", _RUNS_ALREADY.format(folder=settings.instance_path)):
        _run(settings)


def _run(settings: Settings) -> None:
    port = free_port(_preferred_port())
    environment = dict(os.environ)
    if settings.public_url == Settings.public_url:
        environment["PUBLIC_URL"] = f"http://localhost:{port}"
    try:
        with Programs(environment, ROOT) as programs:
            flask(programs, "db", "upgrade")
            before = set_aside(settings.instance_path)
            start_web_and_workers(programs, port)
            for folder in set_aside(settings.instance_path)[len(before) :]:
                print_line(_SET_ASIDE.format(folder=folder))
            print_line(_TEXT.format(port=port, instance=settings.instance_path))
            programs.watch()
    finally:
        if not settings.redis_url:
            stop_redis(settings.instance_path)


def _preferred_port() -> int:
    try:
        return whole(1, 65_535)(os.environ.get("PORT") or "8000")
    except ValueError as error:
        raise SettingsError("PORT", str(error)) from error


_RUNS_ALREADY = "Twinbook runs already with {folder}; stop it first, or give this one another INSTANCE_PATH."

_SET_ASIDE = """
  The queue server could not read its data, which another version may have written. It has started
  without it. Nothing is lost but a little time: what waits stands in the database.
  The data was set aside in {folder}; delete it when you like.
"""

_TEXT = """
  Twinbook is running.

    Address    http://localhost:{port}
    Data       {instance}

  The first person:  .venv/bin/flask --app webapp users add YOU@EXAMPLE.COM --name "YOUR NAME" --admin
  Ctrl-C stops all.
"""
