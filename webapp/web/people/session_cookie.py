"""The cookie of a session, which is taken from a machine whose clock is ahead as well.

Its signature holds the moment at which it was made. One that lies ahead is refused by the library: of two
web machines whose clocks are a second apart, the one behind would log everybody out whom the other has logged
in. A session ends by its row in any case.
"""

from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer


def register(app: Flask) -> None:
    """Have sessions kept in such cookies."""
    app.session_interface = _SessionCookies()


class _Signer(TimestampSigner):
    def unsign(self, signed_value: str | bytes, *given: Any, **named: Any) -> Any:
        try:
            return super().unsign(signed_value, *given, **named)
        except SignatureExpired as expired:
            signed_at = expired.date_signed
            if signed_at is None or signed_at <= self.timestamp_to_datetime(self.get_timestamp()):
                raise
            return expired.payload, signed_at


class _SessionCookies(SecureCookieSessionInterface):
    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """As Flask's, with a signer of ours."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = _Signer
        return serializer
