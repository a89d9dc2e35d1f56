"""Whether anything that a test has printed or logged, or a program that it ran, holds a secret.

Output is what pytest captures, to which programs write that have none of their own; what a command or a
program gives to the test; tracebacks of commands; and every log, of a test, of a server, or left elsewhere.
"""

from __future__ import annotations

import subprocess
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from tests.support.suite.known_secrets import kinds_in

_heard: list[tuple[str, str]] = []
_read: set[Path] = set()


def secrets_in_output(sections: Iterable[tuple[str, str]], folder: Path | None) -> list[str]:
    """Which secrets stand in what is known of a test's output, which is forgotten with that.

    Args:
        sections: what was captured, each part with its title.
        folder: where its programs keep their logs.
    """
    texts = [*sections, *_heard, *(logs_in(folder) if folder is not None else ())]
    _heard.clear()
    return [f"{kind}, in {title}" for title, text in texts for kind in sorted(kinds_in(text))]


def logs_in(folder: Path) -> Iterator[tuple[str, str]]:
    """The logs in a folder which nobody has read so far, with their names."""
    for path in sorted(set(folder.rglob("*.log")) - _read):
        if path.is_file():
            _read.add(path)
            yield path.name, path.read_text(errors="replace")


def hear(title: str, text: str | bytes | None) -> None:
    """Take something in that was printed, and is neither captured nor in a log."""
    if text:
        _heard.append((title, text if isinstance(text, str) else text.decode(errors="replace")))


def hear_of_a_server(folder: Path) -> None:
    """Take in the logs of a server, which go with its folder."""
    _heard.extend(logs_in(folder))


def hear_programs() -> None:
    """From now on take in what commands and programs give to the test that runs them."""
    invoke, communicate = CliRunner.invoke, subprocess.Popen.communicate

    def invoked(*given: Any, **named: Any) -> Any:
        result = invoke(*given, **named)
        hear("a command", result.output)
        if result.exc_info and result.exception is not None and not isinstance(result.exception, SystemExit):
            hear("a command's traceback", "".join(traceback.format_exception(result.exception)))
        return result

    def communicated(*given: Any, **named: Any) -> Any:
        printed = communicate(*given, **named)
        for text in printed:
            hear("a program", text)
        return printed

    CliRunner.invoke = invoked  # type: ignore[method-assign]
    subprocess.Popen.communicate = communicated  # type: ignore[method-assign]
