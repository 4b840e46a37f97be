"""Admin API tokens, checked as Ghost checks them: header form, kid, signature, audience, exp and maxAge."""

from __future__ import annotations

import re
import warnings

import jwt

from ghostsync.sandbox.problems import ApiError

MAX_AGE = 300
"""Seconds a token lives after its `iat`, whatever its `exp` says."""

_UNVERSIONED_AUDIENCE = re.compile(r"/?admin/?$")


def _unauthorized(message: str, code: str) -> ApiError:
    return ApiError(401, "UnauthorizedError", message, code=code)


def _invalid(reason: str) -> ApiError:
    return _unauthorized(f"Invalid token: {reason}", "INVALID_JWT")


def kid_of(header: str | None) -> str:
    """Which key a token says that it was made with; "" where it says none. Proves nothing."""
    try:
        return str(jwt.get_unverified_header((header or "").partition(" ")[2]).get("kid") or "")
    except jwt.InvalidTokenError:
        return ""


def check(header: str | None, *, kid: str, secret: bytes, now: float, version: str) -> None:
    """Raise the ApiError that Ghost would answer; return when the token is good.

    version: the path's version ("v4", "canary"), "" for the unversioned path. now: the server's clock.
    """
    if header is None:
        raise ApiError(
            403,
            "NoPermissionError",
            "Authorization failed",
            context="Unable to determine the authenticated user or integration. Check that cookies are being "
            "passed through if using session authentication.",
        )
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "ghost" or not token or " " in token:
        raise _unauthorized(
            'Authorization header format is "Authorization: Ghost [token]"', "INVALID_AUTH_HEADER"
        )
    try:
        head = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        raise ApiError(400, "BadRequestError", "Invalid token", code="INVALID_JWT") from None
    if not head.get("kid"):
        raise ApiError(400, "BadRequestError", "Admin API kid missing.", code="MISSING_ADMIN_API_KID")
    if head["kid"] != kid:
        raise _unauthorized("Unknown Admin API Key", "UNKNOWN_ADMIN_API_KEY")
    if head.get("alg") != "HS256":
        raise _invalid("invalid algorithm")
    _check_claims(_claims(token, secret), now=now, version=version)


def _claims(token: str, secret: bytes) -> dict[str, object]:
    try:
        with warnings.catch_warnings():
            # A short secret is the caller's test case, not news.
            warnings.simplefilter("ignore")
            # Times and audience are checked below, against our clock and with Ghost's words.
            claims = jwt.decode(
                token,
                secret,
                algorithms=["HS256"],
                options={
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                    "verify_aud": False,
                },
            )
    except jwt.InvalidSignatureError:
        raise _invalid("invalid signature") from None
    except jwt.InvalidTokenError:
        raise _invalid("jwt malformed") from None
    return dict(claims)


def _check_claims(claims: dict[str, object], *, now: float, version: str) -> None:
    clock = int(now)
    exp, iat = claims.get("exp"), claims.get("iat")
    if isinstance(exp, int | float) and clock >= exp:
        raise _invalid("jwt expired")
    audiences = claims.get("aud")
    names = audiences if isinstance(audiences, list) else [audiences]
    if version:
        wanted = f"/{version}/admin/"
        good = any(str(name).strip("/") == wanted.strip("/") for name in names)
    else:
        wanted = r"/\/?admin\/?$/"
        good = any(isinstance(name, str) and _UNVERSIONED_AUDIENCE.search(name) for name in names)
    if not good:
        raise _invalid(f"jwt audience invalid. expected: {wanted}")
    if not isinstance(iat, int | float):
        raise _invalid("iat required when maxAge is specified")
    if clock >= iat + MAX_AGE:
        raise _invalid("maxAge exceeded")
