"""`privacy`: what is kept about one person, and their erasure."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from webapp.commands.command import group, say, without_steering
from webapp.commands.services import pass_services
from webapp.errors import RefusedError
from webapp.services import Services
from webapp.text import privacy as privacy_text
from webapp.usecases.privacy import person as persons
from webapp.usecases.privacy.person import Erased, Kept

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_OWNER_ALONE = 0o600


@group("privacy")
def privacy_group() -> None:
    """Hand out what is kept about one person, or erase it.

    WHO is an e-mail address, or the number of a contact.
    """


@privacy_group.command("export")
@click.argument("who")
@click.option("--file", type=click.Path(path_type=Path, dir_okay=False), help="A new file to write to.")
@_AS_JSON
@pass_services
def export(services: Services, who: str, *, file: Path | None, as_json: bool) -> None:
    """Write everything that is kept about WHO as JSON, to standard output or to a file for you alone."""
    found = persons.collect(services, who)
    text = msgspec.json.format(msgspec.json.encode(found)).decode()
    if file is None:
        # A file for others: in UTF-8 whatever the terminal is.
        click.echo(without_steering(text).encode())  # noqa: TID251 - nothing in it steers the terminal
        return
    _write(file, text)
    counts = {name: len(rows) for name, rows in found["kept"].items()}
    if as_json:
        say(json.dumps({"file": str(file), "counts": counts}))
    else:
        say(f"{file}: {sum(counts.values()):,} rows, readable by you alone.")


@privacy_group.command("erase")
@click.argument("who")
@click.option("--yes", is_flag=True, help="Do it; it cannot be taken back.")
@_AS_JSON
@pass_services
def erase(services: Services, who: str, *, yes: bool, as_json: bool) -> None:
    """Say what would be erased of WHO, and with --yes erase it. HubSpot is not touched.

    Cut off, it goes on by itself, or when it is repeated.
    """
    kept = persons.look_up(services, who)
    if not kept.person.is_known and kept.erasure_id is None:
        raise RefusedError("nothing_kept")
    done = persons.erase(services, who) if yes or not kept.person.is_known else None
    if as_json:
        counts = done.counts if done else kept.counts
        shown = {"erased": done is not None, "counts": counts, "left": kept.unchanged}
        objects = {"hubspot_ids": list(kept.person.remote_ids), "has_account": kept.has_account}
        say(json.dumps(shown | objects | ({"id": done.id} if done else {})))
        return
    for line in _lines(kept, done):
        say(line)


def _lines(kept: Kept, done: Erased | None) -> Iterator[str]:
    """An erasure, foreseen or done, as lines of text."""
    if done is not None:
        yield f"Erased on {done.finished_at:%Y-%m-%d %H:%M} UTC; erasure {done.id} tells when and how much."
    else:
        numbers = ", ".join(f"{number} {name}".strip() for number, name in kept.names.items())
        yield f"Contacts here: {numbers or 'none'}."
    for text, count in privacy_text.counted(done.counts if done else kept.counts):
        yield f"{count:>7,}  {text}"
    for text, count in privacy_text.left(kept.unchanged):
        yield f"{count:>7,}  Stays. {text}."
    if kept.has_account:
        yield "This address belongs to an account here. Accounts are closed under People; this one stays."
    if kept.person.objects:
        yield f"HubSpot still has {', '.join(kept.person.remote_ids)}. {privacy_text.in_hubspot()}"
    if done is None:
        yield "Nothing was erased. Repeat it with --yes to do so; it cannot be taken back."


def _write(file: Path, text: str) -> None:
    """A file that was not there before, for its owner alone; nothing is left of one that was not finished."""
    try:
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ALONE)
    except FileExistsError as error:
        raise RefusedError("file_exists", file=str(file)) from error
    except OSError as error:
        raise _unwritable(file, error) from error
    try:
        with os.fdopen(number, "w", encoding="utf-8") as opened:
            opened.write(text + "\n")
    except OSError as error:
        file.unlink(missing_ok=True)
        raise _unwritable(file, error) from error


def _unwritable(file: Path, error: OSError) -> RefusedError:
    return RefusedError("file_unwritable", file=str(file), answer=error.strerror or "")
