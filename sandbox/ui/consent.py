"""The page on which a person grants an app access to the portal."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request

from sandbox.calls.auth import ALL_SCOPES, Access
from sandbox.control import refuse_other_sites
from sandbox.store.portal import Portal

REQUIRED = frozenset({"oauth"})
Page = str | tuple[str, int]


def consent_blueprint(portal: Portal, access: Access) -> Blueprint:
    """The authorize page, with and without a preselected account."""
    blueprint = Blueprint("consent", __name__)
    blueprint.before_request(refuse_other_sites)

    def ask(account: int | None = None) -> Page:
        problem = _problem(portal, access, request.args, account)
        if problem:
            return render_template("consent_problem.html", portal=portal, problem=problem), 400
        scopes = _scopes(request.args)
        return render_template("consent.html", portal=portal, scopes=sorted(scopes), given=request.args)

    def decide(account: int | None = None) -> Response | Page:
        problem = _problem(portal, access, request.form, account)
        if problem:
            return render_template("consent_problem.html", portal=portal, problem=problem), 400
        uri = request.form["redirect_uri"]
        if request.form.get("decision") != "grant":
            refusal = {"error": "access_denied", "error_description": "The user refused to grant access"}
            return _back(uri, refusal)
        with portal.lock:
            code = access.new_code(uri, _scopes(request.form), portal.settings)
        return _back(uri, {"code": code})

    for rule in ("/oauth/authorize", "/oauth/<int:account>/authorize"):
        blueprint.add_url_rule(rule, f"ask {rule}", ask, methods=["GET"])
        blueprint.add_url_rule(rule, f"decide {rule}", decide, methods=["POST"])
    return blueprint


def _problem(portal: Portal, access: Access, given: Mapping[str, str], account: int | None) -> str | None:
    if account is not None and account != portal.settings.portal_id:
        return f"You have no access to account {account}."
    if given.get("client_id") != access.client_id:
        return "The client id is missing or belongs to no app."
    if not access.takes_redirect(given.get("redirect_uri", "")):
        return "The redirect URL is missing or not registered for this app."
    scopes = set(given.get("scope", "").split())
    unknown = sorted(scopes - set(ALL_SCOPES))
    if unknown:
        return f"The app asks for scopes that do not exist: {', '.join(unknown)}."
    if not scopes >= REQUIRED:
        return "The link lacks a scope that the app requires: oauth."
    return None


def _scopes(given: Mapping[str, str]) -> frozenset[str]:
    optional = set(given.get("optional_scope", "").split()) & set(ALL_SCOPES)
    return frozenset(given.get("scope", "").split()) | optional


def _back(uri: str, answer: dict[str, str]) -> Response:
    if "state" in request.form:
        answer["state"] = request.form["state"]
    sign = "&" if "?" in uri else "?"
    response = redirect(f"{uri}{sign}{urlencode(answer)}", 302)
    assert isinstance(response, Response)  # noqa: S101 - narrows werkzeug's wider type
    return response
