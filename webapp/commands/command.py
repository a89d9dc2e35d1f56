"""The base of every command: it refuses in one line, or, with --json, in one JSON object."""

import io
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any

import click
from click.exceptions import NoArgsIsHelpError

from webapp.errors import RefusedError, SettingsError, TwinbookError
from webapp.text.refusals import refused

# Controls but for the end of a line and tabs, and what turns the direction of writing. All may stand in JSON
# as numbers, and a person sees that there was something.
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# What Python makes of bytes that are no text in the encoding of the terminal.
_UNREADABLE = re.compile("[\ud800-\udfff]")
_NOT_READABLE = "it is not in the encoding of this terminal, mostly UTF-8."


def without_steering(text: str) -> str:
    """A text in which what would steer the terminal stands as its number, as JSON writes it."""
    return _STEERING.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def say(text: str, *, err: bool = False, file: IO[str] | None = None) -> None:
    """Print a text. What would steer the terminal is shown as its number, since others write what names say.

    Args:
        text: What is said; it may have several lines.
        err: Whether to standard error.
        file: Where else to.
    """
    click.echo(without_steering(text), file=file, err=err)  # noqa: TID251 - everybody else does so by this


class RefusedCommand(click.ClickException):
    """A command that ends without having done its work.

    Args:
        message: what is said; several lines become one.
        code: stable name for scripts.
        as_json: whether a script reads it.
        hint: the command whose `--help` says more; empty for none.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "refused",
        as_json: bool = False,
        hint: str = "",
    ) -> None:
        super().__init__(" ".join(message.split()))
        self._code = code
        self._as_json = as_json
        self._hint = hint

    def show(self, file: Any = None) -> None:
        """Say it: to a script on standard output, to a person on standard error."""
        if self._as_json:
            say(json.dumps({"error": self._code, "message": self.message}))
        else:
            hint = f" See {self._hint} --help" if self._hint else ""
            say(f"Error: {self.message}{hint}", file=file or sys.stderr)


class WrongUse(RefusedCommand):
    """A command that was not called as it has to be, or with settings that do not fit."""

    exit_code = 2


class Command(click.Command):
    """One command."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the arguments."""
        with _in_one_line(args):
            made = super().make_context(info_name, args, parent, **extra)
            _refuse_unreadable(made)
            return made

    def invoke(self, ctx: click.Context) -> Any:
        """Do it."""
        _use_any_streams()
        with _in_one_line(["--json"] if ctx.params.get("as_json") else []):
            return super().invoke(ctx)


class Group(click.Group):
    """A noun, and the commands about it."""

    command_class = Command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the arguments that come before the command's name."""
        with _in_one_line(args):
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Find the command, and do it."""
        with _in_one_line([*ctx._protected_args, *ctx.args]):  # noqa: SLF001 - click has them nowhere else
            return super().invoke(ctx)


_Function = Callable[..., Any]


def command(name: str) -> Callable[[_Function], Command]:
    """Make a function a command of this name."""
    return click.command(name, cls=Command)


def group(name: str) -> Callable[[_Function], Group]:
    """Make a function a noun of this name."""
    return click.group(name, cls=Group)


def _use_any_streams() -> None:
    """Write letters that the encoding lacks by their numbers; an input that is closed is an empty one."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")
    if sys.stdin is None:
        sys.stdin = io.StringIO()


def _refuse_unreadable(context: click.Context) -> None:
    """Let no text be taken of which parts are in another encoding; the name of a file may be anything."""
    for param in context.command.params:
        value = context.params.get(param.name or "")
        if isinstance(value, str) and not _is_readable(value):
            raise click.BadParameter(_NOT_READABLE, context, param)


def from_input(what: str, read: Callable[[], str]) -> str:
    """What standard input gives.

    Args:
        what: It is called so where it is in another encoding.
        read: Reads it.
    """
    with suppress(UnicodeDecodeError):
        if _is_readable(text := read()):
            return text
    raise click.BadParameter(_NOT_READABLE, param_hint=what)


def _is_readable(text: str) -> bool:
    """Whether a text holds no bytes that could not be read as letters."""
    return _UNREADABLE.search(text) is None


@contextmanager
def _in_one_line(args: Sequence[str]) -> Iterator[None]:
    as_json = "--json" in args
    try:
        yield
    except (RefusedCommand, NoArgsIsHelpError):
        raise
    except click.ClickException as error:
        hint = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else ""
        kind = WrongUse if isinstance(error, click.UsageError) else RefusedCommand
        raise kind(error.format_message(), code=_code_of(error), as_json=as_json, hint=hint) from error
    except TwinbookError as error:
        message = refused(error) if isinstance(error, RefusedError) else str(error)
        raise RefusedCommand(message, code=_code_of(error), as_json=as_json) from error


def _code_of(error: Exception) -> str:
    """The stable name of what is behind an error."""
    cause = error.__cause__ if isinstance(error, click.ClickException) else error
    if isinstance(cause, RefusedError):
        return cause.reason
    return "usage" if isinstance(error, click.UsageError) else "refused"


def refused_setting(error: SettingsError) -> WrongUse:
    """A wrong setting, which is found before the arguments of any command are read."""
    return WrongUse(str(error), code="settings", as_json="--json" in sys.argv)
