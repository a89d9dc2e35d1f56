"""A program in which everything that a report might take along holds one secret; see `test_sentry`.

Its arguments: the secret, and an address to call.
"""

from __future__ import annotations

import logging
import subprocess
import sys

import requests
import sentry_sdk
import structlog
from flask import Flask, request
from sqlalchemy import text

from tests.support.applications.services import current_services, reading
from tests.support.clocks.patience import PATIENCE_S
from webapp.app import create_app
from webapp.extensions import csrf
from webapp.web.access import open_to_all


class SurpriseError(Exception):
    pass


def main(secret: str, address: str) -> None:
    app = create_app()
    _add_page(app, address)
    headers = dict.fromkeys(("Authorization", "Referer", "User-Agent", "X-HubSpot-Signature-v3"), secret)
    answer = app.test_client().post(
        f"/probe/{secret}",
        query_string={"q": secret},
        json={"note": secret},
        headers=headers | {"Cookie": f"note={secret}", "baggage": f"sentry-release={secret}"},
    )
    logging.getLogger("a_library").error("It went wrong: %s", secret, extra={"note": secret})
    logging.getLogger("a_library").error(f"It went wrong: {secret}")  # noqa: G004 - as libraries do
    sentry_sdk.flush()
    sys.stdout.write(str(answer.status_code))


def _add_page(app: Flask, address: str) -> None:
    def surprise(secret: str) -> str:
        text_ = request.get_json()["note"]
        with reading() as session:
            session.execute(text(f"SELECT '{text_}'"))
        current_services().redis.get(text_)
        requests.get(f"{address}/{text_}", params={"email": text_}, timeout=PATIENCE_S)
        subprocess.run([sys.executable, "-c", "", text_], check=True)
        structlog.get_logger().warning("something", note=text_)
        logging.getLogger("a_library").warning("It goes on: %s", text_)
        try:
            _fail(secret)
        except ValueError as error:
            error.add_note(text_)
            raise SurpriseError(text_) from error
        return str(text_)

    app.add_url_rule("/probe/<secret>", "probe", csrf.exempt(open_to_all(surprise)), methods=["POST"])


def _fail(secret: str) -> None:
    raise ValueError(secret)


if __name__ == "__main__":
    main(*sys.argv[1:])
