"""How a program of a test begins, in a process forked for it: `tests.support.applications.program`.

Nothing else of the tests is imported here: each program would import it anew.
"""

from __future__ import annotations

import os
import runpy
import sys

from flask import Flask
from jinja2 import BytecodeCache


def run(
    command: list[str],
    environment: dict[str, str],
    folder: str,
    outputs: tuple[str, str],
    compiled: BytecodeCache | None,
) -> None:
    """Be a program: a file or module with its arguments, in a session of its own.

    Args:
        command: The file, with the ending `.py`, or the module, and the arguments.
        environment: All of its environment.
        folder: Where it runs.
        outputs: The files to which its output and its errors are added.
        compiled: The templates that were compiled before.
    """
    os.setsid()
    Flask.jinja_options["bytecode_cache"] = compiled
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    output, errors = (os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) for path in outputs)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, target in ((nothing, 0), (output, 1), (errors, 2)):
        os.dup2(number, target)
    sys.argv = command
    if command[0].endswith(".py"):
        runpy.run_path(command[0], run_name="__main__")
    else:
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)
