"""What a refusal or a fault means for a file, in words for the one who has the file."""

from __future__ import annotations

from ghostsync.content.media_names import TYPES
from ghostsync.errors import (
    AddressWrong,
    AnswerUnreadable,
    GhostError,
    InvalidRequest,
    Refused,
    Unreachable,
)
from ghostsync.ghost.answers import Answer, Asked, judge
from ghostsync.ghost.multipart import Form
from ghostsync.model import MediaKind

_PLURALS = {MediaKind.IMAGES: "images", MediaKind.MEDIA: "video and audio", MediaKind.FILES: "files"}


def explained(error: GhostError, kind: MediaKind, ref: str, form: Form) -> GhostError:
    """The error of an upload, told better, or another one. ref: the local path."""
    size = f"{form.length / 1e6:.1f} MB"
    if isinstance(error, AddressWrong) and error.status == 404 and error.type:
        # The address is right, only this file cannot go there.
        return InvalidRequest(
            f"this Ghost is too old to take {_PLURALS[kind]}",
            subject=ref,
            remedy="Update Ghost (4 and later do), or put the file elsewhere and link to it.",
            status=error.status,
            type=error.type,
            sent=False,
        )
    if isinstance(error, Unreachable) and error.stage == "answer":
        error.subject = ref
        if error.sent:
            error.what = f"{error.what}; whether Ghost has kept the file is not known"
            error.remedy = "Run again: ghostsync looks for it before it sends it once more."
        else:
            error.what = (
                f"the connection broke after {form.sent / 1e6:.1f} of {size}; Ghost keeps nothing of that"
            )
            error.remedy = (
                "Run again. If it breaks each time, a proxy may limit the size (nginx: client_max_body_size)."
            )
    elif error.status == 413:
        error.what = f"{size} are too much for Ghost, or for a proxy in front of it"
        error.remedy = "Make the file smaller, or raise the limit (nginx: client_max_body_size)."
    elif error.status == 415:
        error.remedy = _accepted(kind)
    elif error.type == "BadRequestError" and kind is MediaKind.IMAGES:
        error.what = "Ghost cannot read it as a picture of the kind that its name tells"
        error.remedy = "Is it damaged, or misnamed? Open it, and save it anew."
    return error


def _accepted(kind: MediaKind) -> str:
    if kind in TYPES:
        return (
            f"As {_PLURALS[kind]} Ghost takes {', '.join(suffix[1:] for suffix in TYPES[kind])}: convert it."
        )
    return "Ghost does not take files of this kind: pack it into a .zip, or put it elsewhere and link to it."


def refused(answer: Answer, url: str, address: str) -> GhostError:
    """The error for an answer that is not the file that was asked for."""
    error = judge(answer, Asked(url=url, suffix="", subject=url, address=address))
    if isinstance(error, Refused):
        error.subject, error.what = url, "the site does not let everybody read this file"
        error.remedy = "Let requests to /content/ through without a sign-in, or keep such files as links."
    return error or AnswerUnreadable(
        f"an answer that is no file (HTTP {answer.status})", subject=url, status=answer.status
    )
