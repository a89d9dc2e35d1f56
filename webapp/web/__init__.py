"""The pages: a blueprint for each noun, registered here."""

from flask import Flask


def register(app: Flask) -> None:
    """Bind every blueprint to the application."""
    for blueprint in ():
        app.register_blueprint(blueprint)
