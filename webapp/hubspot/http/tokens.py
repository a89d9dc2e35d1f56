"""The source from which a client takes its access token."""

from typing import Protocol


class TokenSource(Protocol):
    """Where a client takes its access token from."""

    def access_token(self) -> str:
        """The token to use now, renewed ahead of its end."""
        ...

    def refreshed(self, after: str) -> str:
        """A newer token than `after`, which HubSpot refused; the same one where there is no other."""
        ...


class StaticToken:
    """The token of a private app or a service key, which cannot be renewed."""

    def __init__(self, token: str) -> None:
        self._token = token

    def access_token(self) -> str:
        """The token."""
        return self._token

    def refreshed(self, after: str) -> str:  # noqa: ARG002 - a static token has no successor
        """The same token, since it cannot be renewed."""
        return self._token
