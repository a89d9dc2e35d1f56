"""HubSpot's error answers.

ApiError            an answer other than success, with HubSpot's body
└─ ValidationError  400 whose `errors` name one property each
"""

import json
from typing import Any
from uuid import uuid4

Json = dict[str, Any]


class ApiError(Exception):
    """An error answer: `status` is the HTTP status, `body` what HubSpot would send."""

    def __init__(self, status: int, message: str, category: str | None = None, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.headers: dict[str, str] = {}
        self.body: Json = {"status": "error", "message": message, "correlationId": str(uuid4())}
        if category:
            self.body["category"] = category
        self.body.update(more)

    def as_item(self, trace_id: str | None) -> Json:
        """The same error as an entry of a batch answer's `errors`."""
        context = dict(self.body.get("context", {}))
        if trace_id is not None:
            context["objectWriteTraceId"] = [trace_id]
        return error_item(
            self.body.get("category", "VALIDATION_ERROR"),
            self.body["message"],
            context,
            self.body.get("errors", []),
        )


class ValidationError(ApiError):
    """400 for property values that HubSpot refuses: every bad one is listed."""

    def __init__(self, problems: list[tuple[str, str, str]], portal_id: int, *, with_list: bool) -> None:
        """Build the answer from (property, code, message) triples."""
        shown = [
            {
                "isValid": False,
                "message": message,
                "error": code,
                "name": name,
                "localizedErrorMessage": message,
                "portalId": portal_id,
            }
            for name, code, message in problems
        ]
        text = json.dumps(shown, separators=(",", ":"), ensure_ascii=False)
        super().__init__(400, f"Property values were not valid: {text}", "VALIDATION_ERROR")
        if with_list:
            self.body["errors"] = [
                {"message": message, "code": code, "context": {"propertyName": [name]}}
                for name, code, message in problems
            ]


def error_item(category: str, message: str, context: Json, errors: list[Json] | None = None) -> Json:
    """An entry of a batch answer's `errors`, with every key that the official models require."""
    return {
        "status": "error",
        "category": category,
        "message": message,
        "context": context,
        "errors": errors or [],
        "links": {},
    }


def invalid(message: str) -> ApiError:
    """400 for a request that makes no sense, whatever the values."""
    return ApiError(400, message, "VALIDATION_ERROR")


def not_found(raw_id: str) -> ApiError:
    """404 in the two shapes that HubSpot uses: plain for numbers, explained for anything else."""
    if raw_id.isdecimal():
        return ApiError(404, "resource not found")
    return ApiError(
        404,
        "Object not found.  objectId are usually numeric.",
        "OBJECT_NOT_FOUND",
        context={"id": [raw_id]},
    )


def contact_exists(existing_id: str) -> ApiError:
    """409 that names the contact holding the e-mail address."""
    return ApiError(409, f"Contact already exists. Existing ID: {existing_id}", "CONFLICT")


def missing_scopes(required: tuple[str, ...]) -> ApiError:
    """403 that lists every scope which would do."""
    return ApiError(
        403,
        "This app hasn't been granted all required scopes to make this call. "
        "Read more about required scopes here: https://developers.hubspot.com/scopes.",
        "MISSING_SCOPES",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": list(required)},
            }
        ],
        links={"scopes": "https://developers.hubspot.com/scopes"},
    )


def no_credentials() -> ApiError:
    """401 for a missing, unknown or revoked token."""
    return ApiError(
        401,
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find "
        "more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
        "INVALID_AUTHENTICATION",
    )


def expired_token(age_s: int, expired_at: str) -> ApiError:
    """401 for an access token past its life."""
    return ApiError(
        401,
        f"The OAuth token used to make this call expired {age_s} second(s) ago.",
        "EXPIRED_AUTHENTICATION",
        context={"expire time": [expired_at]},
    )


def too_many_calls(policy: str, portal_id: int) -> ApiError:
    """429 of one of three kinds: `burst` (ten seconds), `daily`, `search` (one second)."""
    if policy == "search":
        return ApiError(429, "You have reached your secondly limit.", "RATE_LIMITS")
    if policy == "daily":
        return ApiError(
            429,
            "You have reached your daily limit.",
            errorType="RATE_LIMIT",
            policyName="DAILY",
            requestId=str(uuid4()),
        )
    return ApiError(
        429,
        "You have reached your ten_secondly_rolling limit.",
        errorType="RATE_LIMIT",
        policyName="TEN_SECONDLY_ROLLING",
        groupName=f"publicapi:private_app-api-calls-ten-secondly:{portal_id}:3333",
    )
