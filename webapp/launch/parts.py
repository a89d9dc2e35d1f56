"""The parts that demo and serve share: migrations, web and workers."""

import sys
from pathlib import Path

from webapp.launch.places import HOST, await_answer
from webapp.launch.programs import Programs

ROOT = Path(__file__).resolve().parent.parent.parent
WORKERS = 2


def flask(programs: Programs, *arguments: str, text: str = "") -> None:
    """Run one of the product's own commands."""
    programs.run(sys.executable, "-m", "flask", "--app", "webapp", *arguments, text=text)


def start_web_and_workers(programs: Programs, port: int) -> None:
    """Start what serves pages and what works runs off, on a migrated database."""
    configuration = str(ROOT / "gunicorn.conf.py")
    programs.start(
        "web",
        *(sys.executable, "-m", "gunicorn", "-c", configuration, "--bind", f"{HOST}:{port}"),
        *("--log-level", "warning", "webapp:create_app()"),
    )
    programs.start("workers", sys.executable, str(ROOT / "worker.py"), "--workers", str(WORKERS))
    await_answer("Twinbook", port, "/login", programs.check)
