"""Security headers of every answer: what may be loaded, who may frame a page, what may be kept."""

from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, request
from flask_talisman import Talisman
from werkzeug.wrappers import Response

from webapp.settings import Settings
from webapp.web.frame import assets

# Sent with its content, or for a browser that has it already.
_GIVEN = (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED)

_PARTS_OF_PAGES = ("text/css", "text/javascript")
_OF_PAGES = (
    *("Content-Security-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy", "Referrer-Policy"),
    "X-Frame-Options",
)

_OWN_FORMS = "form-action 'self'"
# Everything comes from ourselves, and goes to ourselves.
_CONTENT_POLICY = {
    "default-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}
# No window that another site opens tells it anything of ours, and it gets no part of a page.
_APART = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"}


def register(app: Flask, settings: Settings) -> None:
    """Send the security headers and forbid caches to keep pages."""
    # What is asked last is done first: these have the last word.
    app.after_request(_keep_what_is_of_pages)
    app.after_request(_tell_nobody_the_link)
    app.after_request(partial(_let_lead_to_hubspot, _hubspot_pages(settings)))
    Talisman(
        app,
        # Redirects to https are the proxy's task; behind it the scheme is not visible here.
        force_https=False,
        strict_transport_security=settings.is_served_over_https,
        strict_transport_security_include_subdomains=False,
        # What the cookie of a session is stands in the configuration; by itself, Talisman writes over that.
        session_cookie_secure=False,
        session_cookie_http_only=False,
        session_cookie_samesite=app.config["SESSION_COOKIE_SAMESITE"],
        content_security_policy=_CONTENT_POLICY,
        frame_options="DENY",
        referrer_policy="same-origin",
    )
    app.after_request(_forbid_keeping)


def _keep_what_is_of_pages(response: Response) -> Response:
    """Leave out of style sheets and scripts what browsers heed in pages and pictures alone.

    A page loads ten files: together these headers would weigh as much as a style sheet.
    """
    if request.endpoint in assets.KEPT and response.mimetype in _PARTS_OF_PAGES:
        for name in _OF_PAGES:
            response.headers.pop(name, None)
    return response


def _hubspot_pages(settings: Settings) -> str:
    """Where the form that connects leads to: HubSpot's authorize page."""
    hubspot = urlsplit(settings.hubspot_app_url)
    pages = f"{hubspot.scheme}://{hubspot.netloc}"
    # HubSpot leads on to the data centre of the account.
    is_hubspots = (hubspot.hostname or "").endswith("hubspot.com")
    return f"{pages} https://*.hubspot.com" if is_hubspots else pages


def _let_lead_to_hubspot(pages: str, response: Response) -> Response:
    """Let the form that connects lead there, and no other page's: anybody may keep a form at HubSpot."""
    if request.blueprint == "integrations":
        policy = response.headers["Content-Security-Policy"]
        response.headers["Content-Security-Policy"] = policy.replace(_OWN_FORMS, f"{_OWN_FORMS} {pages}")
    return response


def _tell_nobody_the_link(response: Response) -> Response:
    """The address of a mailed link is a secret; a proxy's log would hold it beside each style sheet."""
    if request.blueprint == "links":
        response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _forbid_keeping(response: Response) -> Response:
    response.vary.add("HX-Request")
    response.headers.update(_APART)
    if request.endpoint in assets.KEPT:
        # Under the digest of another version a proxy would keep this one for good.
        if response.status_code in _GIVEN and request.args.get("v") == assets.digest_of_request():
            response.cache_control.no_cache = None
            response.cache_control.public = True
            response.cache_control.immutable = True
            response.cache_control.max_age = 365 * 24 * 3600
    elif "Cache-Control" not in response.headers:
        response.cache_control.no_store = True
    return response
