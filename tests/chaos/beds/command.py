"""A command of the product with hooks at its durable steps: run as a file, with the arguments of `flask`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import flask.cli

import webapp.cli  # noqa: F401 - everything is imported before the hooks are set
from tests.chaos.steps import FOLDER, Orders, install

if __name__ == "__main__":
    install(Orders(Path(os.environ[FOLDER])))
    sys.argv = ["flask", "--app", "webapp", *sys.argv[1:]]
    flask.cli.main()
