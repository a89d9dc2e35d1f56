"""The command `python -m sandbox`."""

import argparse
import signal
import sys

import msgspec
from flask import Flask

from sandbox.calls.auth import Access
from sandbox.calls.faults import Fault, Queued
from sandbox.sample import fill
from sandbox.server import Server, die_with_parent
from sandbox.settings import Settings, changed, from_text
from sandbox.store.portal import Portal


def main(arguments: list[str] | None = None) -> None:
    """Start the portal and serve until stopped."""
    options = _parser().parse_args(arguments)
    try:
        settings, faults = _settings(options), _faults(options.fault)
    except (ValueError, msgspec.ValidationError) as error:
        sys.stderr.write(f"sandbox: {error}\n")
        sys.exit(2)
    die_with_parent(signal.SIGTERM)
    Server(options.host, options.port, lambda: _build(options, settings, faults)).run()


def _build(options: argparse.Namespace, settings: Settings, faults: list[Fault]) -> Flask:
    from sandbox.app import create_app  # noqa: PLC0415 - built in the worker, after the fork

    portal = Portal(settings, options.seed)
    portal.faults.queued = [Queued(fault) for fault in faults]
    access = Access(
        client_id=options.client_id,
        client_secret=options.client_secret,
        redirect_uris=tuple(options.redirect_uri),
        static_token=options.token,
    )
    fill(portal, companies=options.companies, contacts=options.contacts)
    return create_app(portal, access)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A stand-in HubSpot portal.")
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=int, default=8090, help="port, 0 for a free one (default: %(default)s)")
    add("--companies", type=int, default=400, help="sample companies (default: %(default)s)")
    add("--contacts", type=int, default=2000, help="sample contacts (default: %(default)s)")
    add("--seed", type=int, default=7, help="seed of the sample data (default: %(default)s)")
    add("--rate-limit", metavar="N|off", help="calls per 10 s (default: 190)")
    add("--search-limit", metavar="N|off", help="searches per second (default: 5)")
    add("--daily-limit", metavar="N|off", help="calls per day of static tokens (default: 625000)")
    add("--latency-ms", type=float, help="delay of every answer (default: 0)")
    add("--token", default="pat-na1-sandbox-0000", help="static token (default: %(default)s)")
    add("--client-id", default="sandbox-client", help="OAuth client id (default: %(default)s)")
    add("--client-secret", default="sandbox-secret", help="OAuth client secret (default: %(default)s)")
    add(
        "--redirect-uri",
        action="append",
        default=[],
        help="registered redirect; repeatable (default: any loopback)",
    )
    add(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any switch of the settings; repeatable",
    )
    add("--fault", action="append", default=[], metavar="JSON", help="a fault to queue; repeatable")
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    changes: dict[str, object] = {}
    for name in ("rate_limit", "search_limit", "daily_limit"):
        text = getattr(options, name)
        if text is not None:
            changes[name] = None if text == "off" else int(text)
    if options.latency_ms is not None:
        changes["latency_ms"] = options.latency_ms
    for assignment in options.set:
        changes |= from_text(assignment)
    return changed(Settings(), changes)


def _faults(texts: list[str]) -> list[Fault]:
    return [msgspec.json.decode(text, type=Fault) for text in texts]


if __name__ == "__main__":
    main()
