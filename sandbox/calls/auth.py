"""Tokens: static ones, and those of the OAuth app, with what each may do."""

import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sandbox.calls.errors import expired_token, missing_scopes, no_credentials
from sandbox.clock import iso_of_ms
from sandbox.settings import Settings

ALL_SCOPES = (
    "oauth",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.companies.read",
    "crm.objects.companies.write",
    "crm.schemas.contacts.read",
    "crm.schemas.contacts.write",
    "crm.schemas.companies.read",
    "crm.schemas.companies.write",
    "crm.objects.owners.read",
    "crm.lists.read",
    "crm.lists.write",
)
APP_ID = 3333
USER_ID = 9
USER = "ingrid.solberg@alder-and-vale.com"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass
class Token:
    """An access token; `expires_at` is epoch seconds, None for a static one."""

    text: str
    scopes: frozenset[str]
    expires_at: float | None = None

    @property
    def is_oauth(self) -> bool:
        """Whether it came from the OAuth app."""
        return self.expires_at is not None


@dataclass
class Grant:
    """A person's consent: lives on in its refresh token."""

    refresh_token: str
    scopes: frozenset[str]
    portal_id: int


@dataclass
class Code:
    """An authorization code, good once and for a short time (`expires_at`, epoch seconds)."""

    text: str
    redirect_uri: str
    scopes: frozenset[str]
    portal_id: int
    expires_at: float


@dataclass
class Access:
    """Who may call: the registered app and every token it or the portal gave out."""

    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"  # noqa: S105 - a stand-in's secret, documented
    redirect_uris: tuple[str, ...] = ()
    static_token: str = "pat-na1-sandbox-0000"  # noqa: S105 - the same
    tokens: dict[str, Token] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Admit the static token."""
        self.restore_static()

    def restore_static(self) -> None:
        """Admit the static token (again)."""
        self.tokens[self.static_token] = Token(self.static_token, frozenset(ALL_SCOPES))

    def authenticate(self, header: str | None) -> Token:
        """The token of an Authorization header.

        Raises:
            ApiError: 401, it is missing, unknown, revoked or past its life.
        """
        scheme, _, text = (header or "").partition(" ")
        token = self.tokens.get(text.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise no_credentials()
        late_s = time.time() - token.expires_at if token.expires_at is not None else -1
        if late_s >= 0:
            raise expired_token(int(late_s), iso_of_ms(int((token.expires_at or 0) * 1000)))
        return token

    def takes_redirect(self, uri: str) -> bool:
        """Whether codes may be sent there: a registered address or, when none is, any on this machine."""
        return uri in self.redirect_uris if self.redirect_uris else urlsplit(uri).hostname in LOOPBACK

    def new_code(self, redirect_uri: str, scopes: frozenset[str], settings: Settings) -> str:
        """A code for a person's consent."""
        text = f"na1-{secrets.token_urlsafe(24)}"
        until = time.time() + settings.code_life_s
        self.codes[text] = Code(text, redirect_uri, scopes, settings.portal_id, until)
        return text

    def new_grant(self, scopes: frozenset[str], portal_id: int) -> Grant:
        """A refresh token."""
        grant = Grant(f"na1-{secrets.token_urlsafe(24)}", scopes, portal_id)
        self.grants[grant.refresh_token] = grant
        return grant

    def new_access_token(self, scopes: frozenset[str], life_s: float) -> Token:
        """An access token, longer than columns usually are."""
        token = Token(f"CN{secrets.token_urlsafe(210)}", scopes, time.time() + life_s)
        self.tokens[token.text] = token
        return token

    def revoke_everything(self, *, static: bool, oauth: bool) -> None:
        """End tokens at once, as an uninstall does."""
        if oauth:
            self.grants.clear()
            self.codes.clear()
        self.tokens = {
            text: token for text, token in self.tokens.items() if not (oauth if token.is_oauth else static)
        }


def check_scopes(token: Token, required: tuple[str, ...], withheld: tuple[str, ...]) -> None:
    """One of the required scopes must be there (none required: any token does).

    Raises:
        ApiError: 403.
    """
    if required and not any(scope in token.scopes and scope not in withheld for scope in required):
        raise missing_scopes(required)
