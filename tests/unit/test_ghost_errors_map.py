import httpx
import pytest
from ghost_fakes import BOOT_PAGE, KEY_ID, NOW, URL, answer, says

from ghostsync.errors import (
    AddressWrong,
    AnswerUnreadable,
    AudienceWrong,
    GhostError,
    InvalidRequest,
    KeyUnknown,
    NotFound,
    PermissionDenied,
    RedirectRefused,
    Refused,
    SecretWrong,
    ServerFault,
    TokenExpired,
    Unavailable,
    UpdateCollision,
)
from ghostsync.ghost.answers import Answer, Asked, judge, retry_after
from ghostsync.ghost.errors_map import ERROR_TYPES, clean, describe, read_error

# What @tryghost/errors 3.3.14 (Ghost 6.65.0) exports; 1.x in Ghost 4 and 5 is a part of it.
TRYGHOST = [
    "BadRequestError",
    "ConflictError",
    "DataExportError",
    "DataImportError",
    "DisabledFeatureError",
    "EmailError",
    "HelperWarning",
    "HostLimitError",
    "IncorrectUsageError",
    "InternalServerError",
    "MaintenanceError",
    "MethodNotAllowedError",
    "MigrationError",
    "NoContentError",
    "NoPermissionError",
    "NotFoundError",
    "PasswordResetRequiredError",
    "RangeNotSatisfiableError",
    "RequestEntityTooLargeError",
    "RequestNotAcceptableError",
    "ThemeValidationError",
    "TokenRevocationError",
    "TooManyRequestsError",
    "UnauthorizedError",
    "UnhandledJobError",
    "UnsupportedMediaTypeError",
    "UpdateCollisionError",
    "ValidationError",
    "VersionMismatchError",
]
# What ghost-ignition and Ghost's own code add in 2.38.3, 3.42.9 and 4.48.9.
OLDER = ["DatabaseVersionError", "NotImplementedError", "ThemeWorksButHasErrors", "BookshelfRelationsError"]


def judged(response, *, lead=0.0, url=f"{URL}/ghost/api/admin/posts/x/"):
    body = response.content
    decoded = response.json() if body and "json" in response.headers["content-type"] else None
    asked = Asked(
        url=url, suffix=url.removeprefix(URL), subject='post "x"', address=URL, key_id=KEY_ID, lead=lead
    )
    return judge(Answer(response.status_code, response.headers, body, NOW, decoded), asked)


@pytest.mark.parametrize("type", TRYGHOST + OLDER)
def test_every_error_type_of_ghost_is_mapped_to_a_class_and_a_remedy(type):
    cls, remedy = ERROR_TYPES[type]
    assert issubclass(cls, GhostError)
    assert remedy


def test_the_map_names_no_type_that_ghost_does_not_have():
    assert set(ERROR_TYPES) == set(TRYGHOST + OLDER)


@pytest.mark.parametrize(
    ("status", "type", "cls"),
    [
        (400, "BadRequestError", InvalidRequest),
        (403, "NoPermissionError", PermissionDenied),
        (501, "NotImplementedError", PermissionDenied),
        (409, "UpdateCollisionError", UpdateCollision),
        (409, "DisabledFeatureError", Refused),
        (422, "ValidationError", InvalidRequest),
        (429, "TooManyRequestsError", Unavailable),
        (503, "MaintenanceError", Unavailable),
        (500, "InternalServerError", ServerFault),
        (500, "EmailError", ServerFault),
        (400, "InternalServerError", InvalidRequest),  # a body that Ghost cannot parse
        (418, "BrandNewError", InvalidRequest),
        (500, "BrandNewError", ServerFault),
        (409, "", UpdateCollision),
    ],
)
def test_an_error_becomes_its_class_with_subject_remedy_status_and_type(status, type, cls):
    error = judged(answer(status, says(type)))
    assert error.__class__ is cls
    assert (error.status, error.type, error.subject) == (status, type, 'post "x"')
    assert error.remedy


@pytest.mark.parametrize(
    ("status", "type", "sent"),
    [
        (422, "ValidationError", False),
        (409, "UpdateCollisionError", False),
        (403, "NoPermissionError", False),
        (501, "NotImplementedError", False),
        (503, "MaintenanceError", False),
        (500, "InternalServerError", True),
        (500, "EmailError", True),
    ],
)
def test_only_a_failure_in_the_middle_leaves_open_whether_a_write_was_applied(status, type, sent):
    assert judged(answer(status, says(type))).sent is sent


@pytest.mark.parametrize("key", ["type", "errorType"])
def test_ghost_2_names_the_type_differently(key):
    body = {"errors": [{"message": "Ghost is currently in maintenance mode", key: "MaintenanceError"}]}
    assert type(judged(answer(503, body))) is Unavailable


def test_a_missing_document_and_a_missing_endpoint_are_not_the_same():
    gone = says("NotFoundError", "Resource not found error, cannot read post.", context="Post not found.")
    assert type(judged(answer(404, gone))) is NotFound
    assert type(judged(answer(404, says("NotFoundError", "Resource not found")))) is AddressWrong
    assert type(judged(answer(404, "<h1>Not Found</h1>"))) is AddressWrong
    assert type(judged(answer(404, {"detail": "no such route"}))) is AddressWrong


@pytest.mark.parametrize(
    ("status", "code", "message", "cls", "words"),
    [
        (401, "UNKNOWN_ADMIN_API_KEY", "Unknown Admin API Key", KeyUnknown, KEY_ID),
        (401, "INVALID_API_KEY_TYPE", "Invalid API Key type", KeyUnknown, "not an Admin API key"),
        (401, "INVALID_JWT", "Invalid token: invalid signature", SecretWrong, "secret"),
        (401, "INVALID_JWT", "Invalid token: jwt audience invalid. expected: /x/", AudienceWrong, "version"),
        (401, "INVALID_JWT", "Invalid token: jwt expired", TokenExpired, "600 s ahead"),
        (401, "INVALID_JWT", "Invalid token: maxAge exceeded", TokenExpired, "600 s ahead"),
        (401, "INVALID_JWT", "Invalid token: jwt not active", TokenExpired, "600 s ahead"),
        (400, "INVALID_JWT", "Invalid token", Refused, "cannot read the token"),
        (400, "MISSING_ADMIN_API_KID", "Admin API kid missing.", Refused, "cannot read the token"),
        (401, "INVALID_AUTH_HEADER", "Authorization header format is ...", Refused, "cannot read the token"),
    ],
)
def test_why_a_token_was_refused_is_told_apart(status, code, message, cls, words):
    error = judged(answer(status, says("UnauthorizedError", message, code=code)), lead=600)
    assert type(error) is cls
    assert words in error.what
    assert error.exit_code == 3
    assert (error.subject, error.sent) == (URL, False)


def test_a_header_that_was_dropped_on_the_way_is_not_called_a_missing_right():
    context = (
        "Unable to determine the authenticated user or integration. Check that cookies are being passed."
    )
    error = judged(answer(403, says("NoPermissionError", "Authorization failed", context=context)))
    assert type(error) is Refused
    assert "did not arrive" in error.what


def test_schema_complaints_name_the_field_in_both_notations():
    for where in ("/posts/0/tags/1/name", ".posts[0].tags[1].name"):
        key = "instancePath" if where.startswith("/") else "dataPath"
        body = says(
            "ValidationError",
            "Validation error, cannot save post.",
            context="Validation failed for tags.",
            details=[{key: where, "message": "must be string"}],
        )
        assert describe(read_error(body)) == "Validation failed for tags: tags[1].name must be string"


def test_a_property_that_ghost_does_not_know_is_named():
    detail = {
        "dataPath": ".posts[0]",
        "message": "should NOT have additional properties",
        "params": {"additionalProperty": "lexical"},
    }
    assert describe(read_error(says("ValidationError", details=[detail]))).endswith("properties lexical")


def test_a_collision_names_the_fields_that_changed():
    body = says("UpdateCollisionError", "Saving failed!", details={"changedFields": ["title", "lexical"]})
    assert describe(read_error(body)).endswith("meanwhile (title, lexical)")


@pytest.mark.parametrize(
    "body", [[], {}, {"errors": []}, {"errors": ["x"]}, {"errors": [{"type": "X"}]}, {"errors": "no"}, None]
)
def test_json_in_another_form_is_not_taken_for_ghosts(body):
    assert read_error(body) is None


def test_text_from_the_network_cannot_write_on_the_terminal():
    assert clean("a\x1b[31mb\r\nc\u202ed") == "a [31mb c d"
    assert len(clean("x" * 5000)) == 400


@pytest.mark.parametrize(
    ("response", "cls", "sent"),
    [
        (answer(503, BOOT_PAGE), Unavailable, False),
        (answer(503, "<h1>503 Service Unavailable</h1>"), Unavailable, True),
        (answer(502, "<h1>Bad Gateway</h1>"), Unavailable, True),
        (answer(504, "timeout"), Unavailable, True),
        (answer(429, "slow down"), Unavailable, False),
        (answer(413, "<h1>Request Entity Too Large</h1>"), InvalidRequest, False),
        (answer(401, "Authorization Required"), Refused, False),
        (answer(403, "<h1>Attention Required!</h1>"), Refused, False),
        (answer(500, "<h1>Oops</h1>"), ServerFault, True),
        (answer(400, "The plain HTTP request was sent to HTTPS port"), AnswerUnreadable, False),
        (answer(200, "<h1>Welcome</h1>"), AnswerUnreadable, True),
        (answer(200, ["a", "list"]), AnswerUnreadable, True),
    ],
)
def test_answers_that_are_not_ghosts_are_typed_too(response, cls, sent):
    error = judged(response)
    assert type(error) is cls
    assert error.sent is sent
    assert error.remedy


def test_success_is_no_error():
    assert judged(answer(200, {"posts": []})) is None
    assert judged(answer(204)) is None


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("https://www.example.com/ghost/api/admin/posts/x/", "https://www.example.com"),
        ("/blog/ghost/api/admin/posts/x/", f"{URL}/blog"),
        (f"{URL}/ghost/api/admin/posts/x/", "X-Forwarded-Proto"),
        ("", "Ghost's own configuration"),
    ],
)
def test_a_redirect_is_refused_with_the_address_to_configure(location, words):
    error = judged(answer(301, "moved", location=location))
    assert type(error) is RedirectRefused
    assert words in error.remedy
    assert (error.exit_code, error.sent) == (2, False)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("17", 17.0),
        ("Thu, 28 May 2026 20:27:10 GMT", 30.0),
        ("Thu, 28 May 2026 20:00:00 GMT", 0.0),
        ("soon", 0.0),
    ],
)
def test_retry_after_is_read_in_seconds_or_as_a_date_of_the_servers_clock(value, seconds):
    assert retry_after(httpx.Headers({"Retry-After": value}), NOW) == seconds
    assert judged(answer(429, says("TooManyRequestsError"), Retry_After=value)).retry_after == seconds
