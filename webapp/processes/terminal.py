"""Output for the person at the terminal."""

import contextlib

import click


def print_line(text: str, *, err: bool = False) -> None:
    """Print a text; where it cannot be read, since the terminal is gone or a file is full, work goes on."""
    with contextlib.suppress(OSError, ValueError):
        click.echo(text, err=err)
