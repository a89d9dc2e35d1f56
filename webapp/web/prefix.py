"""Below which path of its host the application is: that of PUBLIC_URL, and nothing that a request says."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from webapp.web.services import services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class PathPrefix:
    """Middleware that takes the prefix off the path, where the proxy in front of us has not done so already.

    Addresses that are made begin with the prefix in either case; monitors may ask without it.

    Args:
        app: What answers.
        prefix: Such as `/book`, without a slash at its end.
    """

    def __init__(self, app: "WSGIApplication", prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        path = environ.get("PATH_INFO", "")
        if path == self._prefix or path.startswith(f"{self._prefix}/"):
            environ["PATH_INFO"] = path[len(self._prefix) :] or "/"
        environ["SCRIPT_NAME"] = self._prefix
        return self._app(environ, start_response)


def public_address(path: str) -> str:
    """How the outside world reaches one of our own addresses, as `url_for` makes it: with the prefix."""
    parts = urlsplit(services().settings.public_url)
    return f"{parts.scheme}://{parts.netloc}{path}"
