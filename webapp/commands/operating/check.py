"""`check`: whether this installation is as it should be."""

import json

import click

from webapp.commands.command import command, say
from webapp.commands.services import pass_services_for_any_database
from webapp.domain.operating.check import Finding, has_failed
from webapp.errors import RefusedError, TwinbookError
from webapp.services import Services
from webapp.text.operating import finding_text
from webapp.text.refusals import refused
from webapp.usecases.operating import checking

_INDENT = 20


@command("check")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@pass_services_for_any_database
def check_command(services: Services, *, as_json: bool) -> None:
    """Check settings, keys, database, Redis, clock, HubSpot, mail, disk, workers and schedule.

    A line for each, with what to do where something is not as it should be; 1 where something does not work.
    """
    found = []
    for finding in checking.findings(services, _explain):
        found.append(finding)
        if not as_json:
            say(_lines(finding))
    if as_json:
        say(json.dumps({"ok": not has_failed(found), "checks": [_as_json(one) for one in found]}))
    if has_failed(found):
        raise SystemExit(1)


def _lines(finding: Finding) -> str:
    text = finding_text(finding)
    line = f"{finding.level:<9}{finding.what:<11}{text.text}"
    return f"{line}\n{' ' * _INDENT}{text.remedy}" if text.remedy else line


def _as_json(finding: Finding) -> dict[str, str]:
    text = finding_text(finding)
    return {
        "what": finding.what,
        "level": finding.level,
        "code": finding.code,
        "text": text.text,
        "remedy": text.remedy,
    }


def _explain(error: TwinbookError) -> str:
    return refused(error) if isinstance(error, RefusedError) else str(error)
