"""`backup` and `restore`: all that an installation holds, into a file and back."""

import json
from pathlib import Path

import click

from webapp.commands.command import command, say
from webapp.commands.services import pass_services_for_any_database
from webapp.services import Services
from webapp.usecases.operating import backup
from webapp.usecases.operating import restore as restoring

_FILE = click.Path(path_type=Path, dir_okay=False)


@command("backup")
@click.argument("file", type=_FILE)
@click.option("--with-keys", is_flag=True, help="Put the keys into it: guard it like the keys themselves.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_services_for_any_database
def backup_command(services: Services, file: Path, *, with_keys: bool, as_json: bool) -> None:
    """Write the database of this moment to FILE, while everything goes on, and read it again to check it.

    With --with-keys the file alone is enough for another machine; without, keep the files secret_key and
    encryption_key of the instance folder as well, elsewhere.
    """
    manifest = backup.write(services, file, with_keys=with_keys)
    if as_json:
        shown = {"file": str(file), "bytes": file.stat().st_size, "has_keys": with_keys}
        say(json.dumps(shown | {"revision": manifest.revision, "counts": manifest.counts}))
        return
    size_mb = file.stat().st_size / 1024**2
    say(f"{file}: {manifest.records:,} records, {size_mb:,.1f} MB, checked.")
    if not with_keys:
        say(
            f"It does not hold the keys: keep secret_key and encryption_key of "
            f"{services.settings.instance_path} as well, elsewhere.",
            err=True,
        )


@command("restore")
@click.argument("file", type=_FILE)
@click.option("--yes", is_flag=True, help="Replace what this installation holds.")
@click.option("--discard", is_flag=True, help="Keep no backup of what is replaced.")
@click.option(
    "--forget-tokens", is_flag=True, help="If its key is lost: HubSpot has to be connected again afterwards."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_services_for_any_database
def restore_command(
    services: Services, file: Path, *, yes: bool, discard: bool, forget_tokens: bool, as_json: bool
) -> None:
    """Bring back what FILE holds. Stop the web and the workers first.

    What is here is replaced only with --yes, and a backup of it stays in the instance folder. Afterwards
    everybody logs in again, and Push waits until everything has been compared with HubSpot.
    """
    done = restoring.restore(services, file, replaces=yes, keeps=not discard, forgets_tokens=forget_tokens)
    if as_json:
        shown = {
            "file": str(file),
            "made_at": done.manifest.made_at.isoformat(),
            "counts": done.manifest.counts,
        }
        kept = str(done.kept) if done.kept else None
        say(json.dumps(shown | {"kept": kept, "has_new_keys": done.has_new_keys}))
        return
    say(f"Restored: {done.manifest.records:,} records, as of {done.manifest.made_at:%Y-%m-%d %H:%M} UTC.")
    if done.kept:
        say(f"What was here before is in {done.kept}; delete it when you like.")
    if done.has_new_keys:
        say("The keys came from the backup; the earlier ones end in .before-restore.")
    say("Start the web and the workers. Push waits until everything has been compared with HubSpot.")
