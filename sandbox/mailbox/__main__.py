"""The command `python -m sandbox.mailbox`."""

import argparse
import signal
import sys

from aiosmtpd.controller import Controller
from werkzeug.serving import make_server

from sandbox.mailbox.pages import create_app
from sandbox.mailbox.received import Received
from sandbox.server import die_with_parent


def main() -> None:
    """Receive mail and show it until stopped."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.mailbox", description="A mailbox for everybody.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--mail-port", type=int, default=8125, help="port for SMTP (default: %(default)s)")
    parser.add_argument("--web-port", type=int, default=8180, help="port of the pages (default: %(default)s)")
    options = parser.parse_args()
    die_with_parent(signal.SIGTERM)
    received = Received()
    controller = Controller(received, hostname=options.host, port=options.mail_port)
    controller.start()
    sys.stdout.write(f"mailbox listening, mail-port={options.mail_port} web-port={options.web_port}\n")
    sys.stdout.flush()
    server = make_server(options.host, options.web_port, create_app(received), threaded=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.serve_forever()
    finally:
        controller.stop()


if __name__ == "__main__":
    main()
