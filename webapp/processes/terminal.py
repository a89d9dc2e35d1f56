"""Output for the person at the terminal."""

import contextlib

import click


def print_line(text: str, *, err: bool = False) -> None:
    """Print a text; a missing terminal or a full disk does not stop the work."""
    with contextlib.suppress(OSError, ValueError):
        click.echo(text, err=err)  # noqa: TID251 - texts of ours alone
