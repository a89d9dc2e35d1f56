"""The templates as they were when the program started.

An upgrade puts the files of the next version in the place of ours while this one still answers. Jinja reads a
template when it is first asked for, and would fill those of the next version with what ours has to say.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from flask import Flask
from jinja2 import BaseLoader, Environment, TemplateNotFound


class KeptTemplates(BaseLoader):
    """The templates of a folder, all of which are read at once.

    Args:
        folder: in which they are; one that this process, or the one that it was forked from, has read before
            is not read again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sources = _read(folder)

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """A template's text, the file that it is from, and whether it is still that of this program."""
        del environment
        if template not in self._sources:
            raise TemplateNotFound(template)
        return self._sources[template], str(self._folder / template), lambda: True

    def list_templates(self) -> list[str]:
        """The names of all."""
        return sorted(self._sources)


def register(app: Flask) -> None:
    """Have an application read its templates now, unless somebody works on them."""
    if not app.debug:
        app.jinja_loader = KeptTemplates(Path(app.root_path, app.template_folder or ""))


@cache
def _read(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in found}
