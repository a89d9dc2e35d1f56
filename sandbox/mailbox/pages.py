"""Reading the messages in the browser."""

from flask import Flask, Response, abort, render_template

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

    @app.get("/messages/<int:number>/html")
    def show_html(number: int) -> Response:
        message = received.get(number) or abort(404)
        # A mail is somebody else's page: it loads nothing, runs nothing, and its links open beside it.
        policy = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'"
        return Response(message.html, headers={"Content-Security-Policy": policy}, mimetype="text/html")

    return app
