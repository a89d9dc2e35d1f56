"""Reading the messages in the browser."""

from flask import Flask, abort, render_template

from sandbox.mailbox.received import Received


def create_app(received: Received) -> Flask:
    """The pages: a list, and one message."""
    app = Flask(__name__)

    @app.get("/")
    def index() -> str:
        return render_template("messages.html", messages=tuple(received.messages))

    @app.get("/messages/<int:number>")
    def show(number: int) -> str:
        return render_template("message.html", message=received.get(number) or abort(404))

    return app
