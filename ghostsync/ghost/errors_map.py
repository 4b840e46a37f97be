"""Ghost's own errors -> typed errors with a remedy.

The table names every error type that the error packages of Ghost 2 to 6 define (`@tryghost/errors`,
`ghost-ignition`). Ghost sends `{"errors": [{message, context, type, details, code, ...}]}`; before its API has
started, Ghost 2 and 3 say `errorType` in place of `type`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ghostsync.errors import (
    AddressWrong,
    GhostError,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    Refused,
    ServerFault,
    Unavailable,
    UpdateCollision,
)

_WAIT = "Try again in a minute; if it lasts, look at the server."
_LOG = "Look at Ghost's log on the server; the time of this message tells where."
_FIELD = "Correct the named field and try again."
_VERSION = "Update ghostsync; if it is the newest, please report this."
_RIGHTS = (
    "Use the Admin API key of a custom integration (Ghost Admin: Settings -> Integrations), or the token of a staff "
    "user who may do this."
)
_REREAD = "Run `ghostsync sync` again: it reads what changed and merges."

ERROR_TYPES: Mapping[str, tuple[type[GhostError], str]] = {
    "BadRequestError": (InvalidRequest, _FIELD),
    "BookshelfRelationsError": (ServerFault, _LOG),
    "ConflictError": (InvalidRequest, _REREAD),
    "DataExportError": (ServerFault, _LOG),
    "DataImportError": (ServerFault, _LOG),
    "DatabaseVersionError": (
        ServerFault,
        "Ghost's database does not fit its version: finish Ghost's own update.",
    ),
    "DisabledFeatureError": (
        Refused,
        "Turn the feature on in Ghost Admin, or take it out of the front matter.",
    ),
    "EmailError": (
        ServerFault,
        "Check Ghost's mail settings, and in Ghost Admin whether the e-mail went out.",
    ),
    "HelperWarning": (InvalidRequest, _LOG),
    "HostLimitError": (Refused, "The site's hosting plan does not include this; ask the host or upgrade."),
    "IncorrectUsageError": (InvalidRequest, _VERSION),
    "InternalServerError": (ServerFault, _LOG),
    "MaintenanceError": (Unavailable, _WAIT),
    "MethodNotAllowedError": (InvalidRequest, _VERSION),
    "MigrationError": (ServerFault, "Finish Ghost's own update on the server, then try again."),
    "NoContentError": (NotFound, _REREAD),
    "NoPermissionError": (PermissionDenied, _RIGHTS),
    "NotFoundError": (NotFound, _REREAD),
    "NotImplementedError": (PermissionDenied, _RIGHTS),  # so Ghost 2 to 5 refuse what a key may not use
    "PasswordResetRequiredError": (Refused, "Sign in to Ghost Admin and set a new password first."),
    "RangeNotSatisfiableError": (InvalidRequest, _VERSION),
    "RequestEntityTooLargeError": (InvalidRequest, "Make the document smaller, or raise the server's limit."),
    "RequestNotAcceptableError": (InvalidRequest, _VERSION),
    "ThemeValidationError": (InvalidRequest, "Repair the theme in Ghost Admin."),
    "ThemeWorksButHasErrors": (InvalidRequest, "Repair the theme in Ghost Admin."),
    "TokenRevocationError": (Refused, "Make a new key in Ghost Admin and give it to ghostsync."),
    "TooManyRequestsError": (Unavailable, "Wait, or lower [http] max_in_flight in ghostsync.toml."),
    "UnauthorizedError": (Refused, "Copy the Admin API key from Ghost Admin again."),
    "UnhandledJobError": (ServerFault, _LOG),
    "UnsupportedMediaTypeError": (
        InvalidRequest,
        "Ghost does not take files of this kind; convert or remove it.",
    ),
    "UpdateCollisionError": (UpdateCollision, _REREAD),
    "ValidationError": (InvalidRequest, _FIELD),
    "VersionMismatchError": (InvalidRequest, _VERSION),
}

_BY_STATUS: Mapping[int, tuple[type[GhostError], str]] = {
    401: ERROR_TYPES["UnauthorizedError"],
    403: ERROR_TYPES["NoPermissionError"],
    404: ERROR_TYPES["NotFoundError"],
    409: ERROR_TYPES["UpdateCollisionError"],
    413: ERROR_TYPES["RequestEntityTooLargeError"],
    429: ERROR_TYPES["TooManyRequestsError"],
    501: ERROR_TYPES["NotImplementedError"],
    502: ERROR_TYPES["MaintenanceError"],
    503: ERROR_TYPES["MaintenanceError"],
    504: ERROR_TYPES["MaintenanceError"],
}

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


def clean(text: object, limit: int = 400) -> str:
    """Text from the network, fit for a terminal: one line, no control characters, of bounded length."""
    line = _CONTROL.sub(" ", str(text)).strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


@dataclass(frozen=True, slots=True)
class GhostSays:
    """The first error of an answer in Ghost's words. details: JSON, mostly of a schema check."""

    type: str
    code: str
    message: str
    context: str
    details: Any = None


def read_error(body: Any) -> GhostSays | None:
    """What Ghost says went wrong, None when the JSON is not in Ghost's form."""
    errors = body.get("errors") if isinstance(body, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    if not isinstance(first, dict) or not isinstance(first.get("message"), str):
        return None
    return GhostSays(
        type=clean(first.get("type") or first.get("errorType") or "", 60),
        code=clean(first.get("code") or "", 60),
        message=clean(first["message"]),
        context=clean(first.get("context") or ""),
        details=first.get("details"),
    )


def _schema_complaints(details: Any) -> list[str]:
    """The entries of a schema check as "tags must be array"; [] when details is something else."""
    found: list[str] = []
    for item in details if isinstance(details, list) else []:
        if not isinstance(item, dict) or not isinstance(item.get("message"), str):
            return []
        where = str(item.get("instancePath") or item.get("dataPath") or "")
        # "/posts/0/tags/1/name" (ajv 8) and ".posts[0].tags[1].name" (ajv 6) both become "tags[1].name"
        parts = [part for part in re.split(r"[/.\[\]]+", where) if part][2:]
        field = "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in parts).lstrip(".")
        params = item.get("params")
        extra = params.get("additionalProperty", "") if isinstance(params, dict) else ""
        found.append(clean(f"{field} {item['message']} {extra}", 120))
    return found[:5]


def describe(says: GhostSays) -> str:
    """Ghost's message for a person: the specific part, without the frame "Validation error, cannot save post."."""
    if says.type == "NotFoundError":
        return "it is not in Ghost (any more)"
    what = re.sub(r" \w+\.\w+$", "", says.context or says.message)  # Ghost 3 to 6 repeat the field at the end
    if says.type == "UpdateCollisionError":
        what = "somebody changed it in Ghost meanwhile"
    if complaints := _schema_complaints(says.details):
        what = f"{what.rstrip('.')}: {'; '.join(complaints)}"
    changed = says.details.get("changedFields") if isinstance(says.details, dict) else None
    if isinstance(changed, list) and changed:
        what = f"{what.rstrip('.')} ({clean(', '.join(map(str, changed)), 120)})"
    return what


def endpoint_missing(says: GhostSays) -> bool:
    """Whether Ghost has no such endpoint; a missing post is told with a context ("Post not found.")."""
    return says.type == "NotFoundError" and says.message == "Resource not found" and not says.context


def ghost_error(status: int, says: GhostSays, *, subject: str, address: str) -> GhostError:
    """The typed error for an answer in Ghost's error form (tokens that are refused: see `refusals`).

    sent is False where Ghost refused before it did anything (4xx, its boot and maintenance answer), so that the
    caller need not look whether a write was applied.
    """
    if endpoint_missing(says):
        return AddressWrong(
            "this Ghost has no such part in its Admin API",
            subject=subject,
            remedy=f"Check that {address} is still the right address: `ghostsync doctor` finds the API.",
            status=status,
            type=says.type,
            code=says.code,
            sent=False,
        )
    fallback = (InvalidRequest, _FIELD) if status < 500 else (ServerFault, _LOG)
    cls, remedy = ERROR_TYPES.get(says.type) or _BY_STATUS.get(status) or fallback
    if (
        cls is ServerFault and status < 500
    ):  # Ghost calls a body that it cannot parse an InternalServerError, with 400
        cls, remedy = _BY_STATUS.get(status, (InvalidRequest, _FIELD))
    error = cls(
        describe(says),
        subject=subject,
        remedy=remedy,
        status=status,
        type=says.type,
        code=says.code,
        sent=status >= 500 and says.type not in {"MaintenanceError", "NotImplementedError"},
    )
    if isinstance(error, InvalidRequest):
        error.details = says.details
    return error
