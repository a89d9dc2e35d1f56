"""Token endpoints of the OAuth app, with both shapes of error that HubSpot uses."""

import time
from typing import Any

from sandbox.calls.auth import APP_ID, USER, USER_ID, Grant, Token
from sandbox.calls.call import Answer, Call
from sandbox.calls.errors import ApiError

RFC_ERRORS = {
    "BAD_CLIENT_ID": "invalid_client",
    "BAD_CLIENT_SECRET": "invalid_client",
    "BAD_GRANT_TYPE": "unsupported_grant_type",
    "BAD_REDIRECT_URI": "invalid_grant",
    "BAD_AUTH_CODE": "invalid_grant",
    "BAD_REFRESH_TOKEN": "invalid_grant",
    "BAD_HUB": "invalid_grant",
}
HUB_DOMAIN = "alder-and-vale.com"


def issue_token(call: Call) -> Answer:
    """A token for a code or a refresh token."""
    _check_client(call)
    grant_type = call.fields().get("grant_type")
    if grant_type == "authorization_code":
        grant = _redeem(call)
    elif grant_type == "refresh_token":
        grant = _renew(call)
    else:
        raise _refusal(call, "BAD_GRANT_TYPE", "missing or unknown grant type")
    life_s = call.portal.settings.access_token_life_s
    token = call.access.new_access_token(grant.scopes, life_s)
    answer: dict[str, Any] = {
        "token_type": "bearer",
        "access_token": token.text,
        "refresh_token": grant.refresh_token,
        "expires_in": int(life_s),
    }
    if call.version != "v1":
        renewed_for = call.portal.settings.renews_for if grant_type == "refresh_token" else None
        answer["hub_id"] = renewed_for or grant.portal_id
        answer["user_id"] = USER_ID
        answer["scopes"] = sorted(grant.scopes)
        answer["token_use"] = "access_token"  # noqa: S105 - the name of a use
    return Answer(200, answer)


def introspect(call: Call) -> Answer:
    """What a token is; of a dead one only that it is not active."""
    _check_client(call)
    hint = call.fields().get("token_type_hint", "access_token")
    text = call.fields().get("token") or call.fields().get(hint) or ""
    token, grant = call.access.tokens.get(text), call.access.grants.get(text)
    if token is not None and not _is_dead(token):
        return Answer(200, {"active": True, "token_use": "access_token", **_about_token(call, token)})
    if grant is not None:
        return Answer(200, {"active": True, "token_use": "refresh_token", **_about_grant(call, grant)})
    return Answer(200, {"active": False})


def revoke(call: Call) -> Answer:
    """End a refresh token; access tokens already given stay good until they run out."""
    _check_client(call)
    call.access.grants.pop(call.fields().get("token") or call.fields().get("refresh_token") or "", None)
    return Answer(200, {})


def read_access_token(call: Call) -> Answer:
    """The older way of asking about an access token."""
    token = call.access.tokens.get(call.params["token"])
    if token is None or _is_dead(token):
        raise ApiError(404, "access token is invalid or expired", "OBJECT_NOT_FOUND")
    return Answer(200, _about_token(call, token))


def read_refresh_token(call: Call) -> Answer:
    """The older way of asking about a refresh token."""
    grant = call.access.grants.get(call.params["token"])
    if grant is None:
        raise ApiError(404, "refresh token is invalid", "OBJECT_NOT_FOUND")
    return Answer(200, _about_grant(call, grant))


def delete_refresh_token(call: Call) -> Answer:
    """The older way of ending a refresh token."""
    call.access.grants.pop(call.params["token"], None)
    return Answer(204)


def read_static_token(call: Call) -> Answer:
    """What a static token may do."""
    token = call.access.tokens.get(str(call.json().get("tokenKey", "")))
    if token is None or token.is_oauth:
        raise ApiError(404, "access token is invalid", "OBJECT_NOT_FOUND")
    portal_id = call.portal.settings.portal_id
    scopes = sorted(token.scopes - set(call.portal.settings.withheld_scopes))
    return Answer(200, {"userId": USER_ID, "hubId": portal_id, "appId": APP_ID, "scopes": scopes})


def _check_client(call: Call) -> None:
    if call.fields().get("client_id") != call.access.client_id:
        raise _refusal(call, "BAD_CLIENT_ID", "missing or unknown client id")
    if call.fields().get("client_secret") != call.access.client_secret:
        raise _refusal(call, "BAD_CLIENT_SECRET", "missing or invalid client secret")


def _redeem(call: Call) -> Grant:
    code = call.access.codes.pop(call.fields().get("code", ""), None)
    if code is None or code.expires_at <= time.time():
        raise _refusal(call, "BAD_AUTH_CODE", "missing or unknown auth code")
    if code.redirect_uri != call.fields().get("redirect_uri"):
        raise _refusal(call, "BAD_REDIRECT_URI", "redirect uri does not match the initial auth code's")
    if code.portal_id != call.portal.settings.portal_id:
        raise _refusal(call, "BAD_HUB", "missing or unknown hub id")
    return call.access.new_grant(code.scopes, code.portal_id)


def _renew(call: Call) -> Grant:
    grant = call.access.grants.get(call.fields().get("refresh_token", ""))
    if grant is None:
        old = call.version == "v1"
        text = "missing or invalid refresh token" if old else "refresh token is invalid, expired or revoked"
        raise _refusal(call, "BAD_REFRESH_TOKEN", text)
    if grant.portal_id != call.portal.settings.portal_id:
        raise _refusal(call, "BAD_HUB", "missing or unknown hub id")
    if call.portal.settings.rotate_refresh_tokens:
        del call.access.grants[grant.refresh_token]
        return call.access.new_grant(grant.scopes, grant.portal_id)
    return grant


def _refusal(call: Call, status: str, message: str) -> ApiError:
    refusal = ApiError(400, message)
    refusal.body["status"] = status
    if call.version != "v1":
        refusal.body = {
            "error": RFC_ERRORS[status],
            "error_description": message,
            "status": status,
            "message": message,
        }
    return refusal


def _is_dead(token: Token) -> bool:
    return token.expires_at is not None and token.expires_at <= time.time()


def _about_token(call: Call, token: Token) -> dict[str, Any]:
    left_s = int((token.expires_at or time.time() + 1800) - time.time())
    about = _about(call, token.text, sorted(token.scopes), "access")
    # Its scopes and signatures are packed bits that nobody outside HubSpot reads.
    unread = ("scopes", "scopeToScopeGroupPks", "trialScopes", "trialScopeToScopeGroupPks", "signature")
    signed = {
        **dict.fromkeys((*unread, "newSignature"), ""),
        "expiresAt": int((token.expires_at or 0) * 1000),
        "hubId": about["hub_id"],
        "hublet": "na1",
        "userId": USER_ID,
        "installingUserId": USER_ID,
        "appId": APP_ID,
        "isUserLevel": False,
        "isServiceAccount": False,
        "isPrivateDistribution": False,
    }
    return {**about, "expires_in": left_s, "signed_access_token": signed}


def _about_grant(call: Call, grant: Grant) -> dict[str, Any]:
    return _about(call, grant.refresh_token, sorted(grant.scopes), "refresh")


def _about(call: Call, text: str, scopes: list[str], token_type: str) -> dict[str, Any]:
    return {
        "token": text,
        "user": USER,
        "hub_domain": HUB_DOMAIN,
        "scopes": scopes,
        "hub_id": call.portal.settings.portal_id,
        "app_id": APP_ID,
        "client_id": call.access.client_id,
        "user_id": USER_ID,
        "token_type": token_type,
        "is_private_distribution": False,
    }
