"""`make demo`: everything embedded, connected to a sandbox portal with sample data, always from nothing."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

from webapp.launch.parts import ROOT, flask, start_web_and_workers
from webapp.launch.places import HOST, alone, await_answer, free_port, stop_redis
from webapp.launch.programs import Programs
from webapp.processes.terminal import print_line
from webapp.settings import Settings

EMAIL = "demo@example.com"
# No secret: the demo listens on this machine alone and holds sample data.
PASSWORD = "twinbook-demo"  # noqa: S105 - see above
_TOKEN = "pat-na1-sandbox-demo"  # noqa: S105 - opens the sandbox only
FOLDER = ROOT / "instance" / "demo"


@dataclass(frozen=True)
class _Ports:
    web: int
    portal: int
    mail: int
    mailbox: int

    @property
    def portal_url(self) -> str:
        return f"http://{HOST}:{self.portal}"


def launch(folder: Path = FOLDER) -> None:
    """Run until interrupted.

    Args:
        folder: where the demo keeps everything; emptied first.

    Raises:
        LaunchError: a part does not start, or another demo runs.
    """
    with _emptied(folder):
        ports = _Ports(free_port(8000), free_port(8090), free_port(8125), free_port(8180))
        try:
            with Programs(_environment(ports, folder), folder, folder / "logs") as programs:
                print_line("Starting the demo ...")
                _start_stand_ins(programs, ports)
                flask(programs, "db", "upgrade")
                flask(programs, "users", "add", EMAIL, "--name", "Demo", "--admin", text=f"{PASSWORD}\n")
                flask(programs, "connect", "--token-stdin", text=f"{_TOKEN}\n")
                _fill_book(programs, folder)
                start_web_and_workers(programs, ports.web)
                print_line(_text(ports, folder))
                programs.watch()
        finally:
            stop_redis(folder)


@contextmanager
def _emptied(folder: Path) -> Iterator[None]:
    """An empty folder, ours alone.

    The sandbox portal keeps its records in memory and forgets them, so that what an earlier demo linked to
    them would be wrong.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with alone(folder.with_suffix(".lock"), "A demo is already running here; stop it first."):
        stop_redis(folder)
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "logs").mkdir(parents=True)
        yield


def _environment(ports: _Ports, folder: Path) -> dict[str, str]:
    """The demo's own settings only: those of a real installation must not reach it."""
    names = {field.name.upper() for field in fields(Settings)}
    names |= {f"{name}_FILE" for name in names}
    kept = {name: value for name, value in os.environ.items() if name not in names}
    return kept | {
        "PYTHONPATH": str(ROOT),
        # Flask would look for a .env file in the folders above.
        "FLASK_SKIP_DOTENV": "1",
        "INSTANCE_PATH": str(folder),
        "PUBLIC_URL": f"http://localhost:{ports.web}",
        "HUBSPOT_API_URL": ports.portal_url,
        "HUBSPOT_APP_URL": ports.portal_url,
        "HUBSPOT_CLIENT_ID": "sandbox-client",
        "HUBSPOT_CLIENT_SECRET": "sandbox-secret",
        "HUBSPOT_APP_ID": "3333",
        "MAIL_SERVER": HOST,
        "MAIL_PORT": str(ports.mail),
        "MAIL_DEFAULT_SENDER": "twinbook@example.com",
    }


def _start_stand_ins(programs: Programs, ports: _Ports) -> None:
    """Start the portal and the mailbox. They are programs of their own, which the product never imports."""
    programs.start(
        *("sandbox", sys.executable, "-m", "sandbox", "--port", str(ports.portal), "--token", _TOKEN),
        *("--set", f"webhook_url=http://localhost:{ports.web}/webhooks/hubspot"),
    )
    programs.start(
        "mailbox",
        *(sys.executable, "-m", "sandbox.mailbox"),
        *("--mail-port", str(ports.mail), "--web-port", str(ports.mailbox)),
    )
    await_answer("The sandbox portal", ports.portal, "/", programs.check)
    await_answer("The mailbox", ports.mailbox, "/", programs.check)


def _fill_book(programs: Programs, folder: Path) -> None:
    """Fill the book, so that the first Pull has something to match and to ask about."""
    book = folder / "book"
    book.mkdir()
    programs.run(sys.executable, "-m", "sandbox.sample.book", str(book))
    for kind in ("companies", "contacts"):
        flask(programs, "records", "import", kind, str(book / f"{kind}.csv"))


def _text(ports: _Ports, folder: Path) -> str:
    return f"""
  Twinbook's demo is running.

    Twinbook   http://localhost:{ports.web}
    Log in     {EMAIL}, password {PASSWORD}
    HubSpot    {ports.portal_url}  (a sandbox portal: 400 companies, 2,000 contacts)
    Mail       http://{HOST}:{ports.mailbox}  (what Twinbook has sent)
    Logs       {os.path.relpath(folder / "logs")}

  The book holds a few companies and contacts of its own, some of which look like those in HubSpot.
  Log in and press Pull. Each demo starts from nothing; what an earlier one held is gone.
  Ctrl-C stops all.
"""
