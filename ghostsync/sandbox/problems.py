"""The errors a Ghost 6.65 answers with, word for word where a client may look at the words."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

_VERBS = {
    "browse": "list",
    "read": "read",
    "add": "save",
    "edit": "edit",
    "destroy": "delete",
    "upload": "upload",
}


class ApiError(Exception):
    """One entry of Ghost's `{"errors": [...]}`, with the HTTP status it travels under."""

    def __init__(
        self,
        status: int,
        type: str,
        message: str,
        *,
        context: str | None = None,
        code: str | None = None,
        property: str | None = None,
        details: object = None,
        help: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.type = type
        self.message = message
        self.context = context
        self.code = code
        self.property = property
        self.details = details
        self.help = help

    def body(self) -> dict[str, Any]:
        return {
            "errors": [
                {
                    "message": self.message,
                    "context": self.context,
                    "type": self.type,
                    "details": self.details,
                    "property": self.property,
                    "help": self.help,
                    "code": self.code,
                    "id": str(uuid.uuid4()),
                    "ghostErrorCode": None,
                }
            ]
        }


class Intercepted(Exception):
    """What something in front of Ghost answers in its place, in HTML."""

    def __init__(self, status: int, html: str) -> None:
        super().__init__(html)
        self.status = status
        self.html = html


def _cannot(method: str, resource: str) -> str:
    noun = resource if method == "browse" else resource.removesuffix("s")
    return f"cannot {_VERBS[method]} {noun}."


def no_route() -> ApiError:
    return ApiError(404, "NotFoundError", "Resource not found")


def missing(method: str, resource: str) -> ApiError:
    # Ghost keeps posts and pages in one table and says "Post" for both.
    noun = "Post" if resource in {"posts", "pages"} else resource.removesuffix("s").capitalize()
    message = f"Resource not found error, {_cannot(method, resource)}"
    return ApiError(404, "NotFoundError", message, context=f"{noun} not found.")


def invalid(
    method: str,
    resource: str,
    context: str,
    *,
    property: str | None = None,
    details: object = None,
    help: str | None = None,
) -> ApiError:
    message = f"Validation error, {_cannot(method, resource)}"
    return ApiError(
        422, "ValidationError", message, context=context, property=property, details=details, help=help
    )


def schema_violation(
    method: str,
    resource: str,
    *,
    path: str,
    keyword: str,
    params: Mapping[str, object],
    message: str,
) -> ApiError:
    """A 422 as Ghost's JSON schema check words it; `path` is a JSON pointer such as /posts/0/title."""
    name = path.rsplit("/", 1)[-1] or str(params.get("missingProperty", resource))
    details = [
        {
            "instancePath": path,
            "schemaPath": f"#/properties/{name}/{keyword}",
            "keyword": keyword,
            "params": dict(params),
            "message": message,
        }
    ]
    return invalid(method, resource, f"Validation failed for {name}.", property=name, details=details)


def malformed_id(method: str, resource: str) -> ApiError:
    return invalid(method, resource, "Validation (matches) failed for id undefined.id")


def bad_filter(resource: str) -> ApiError:
    message = f"Request not understood error, {_cannot('browse', resource)}"
    return ApiError(400, "BadRequestError", message, context="Error parsing filter")


def unclear(method: str, resource: str, context: str) -> ApiError:
    return ApiError(
        400, "BadRequestError", f"Request not understood error, {_cannot(method, resource)}", context=context
    )


def unsent(context: str) -> ApiError:
    """Ghost refuses before it has changed anything, and yet with 500."""
    return ApiError(500, "EmailError", "Error sending email!", context=context)


def unknown_column(resource: str) -> ApiError:
    message = f"Request not understood error, {_cannot('browse', resource)}"
    return ApiError(
        400, "BadRequestError", message, context="Could not understand request.", code="SQLITE_ERROR"
    )


def collision(fields: list[str]) -> ApiError:
    words = "Saving failed! Someone else is editing this post."
    return ApiError(
        409,
        "UpdateCollisionError",
        words,
        context=words,
        code="UPDATE_COLLISION",
        # The two times are dates that Ghost's serialiser turns into empty objects.
        details={"changedFields": fields, "clientUpdatedAt": {}, "serverUpdatedAt": {}},
    )


def internal(method: str, resource: str, context: str) -> ApiError:
    message = f"Internal server error, {_cannot(method, resource)}"
    words = f"An unexpected error occurred, please try again. {context}"
    return ApiError(500, "InternalServerError", message, context=words, code="UNEXPECTED_ERROR")


def forbidden() -> ApiError:
    return ApiError(403, "NoPermissionError", "API tokens do not have permission to access this endpoint")


def unsupported_media(message: str) -> ApiError:
    return ApiError(415, "UnsupportedMediaTypeError", message)
