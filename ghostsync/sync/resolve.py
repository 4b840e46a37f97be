"""Settling a conflict as a person chose: the file's version, Ghost's, the one before, or both in one. Pure.

Only what is in conflict is settled; what the two sides changed apart from each other is merged as ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ghostsync.content.body import Respelled, body_equals, respell_body
from ghostsync.content.fields import FIELDS
from ghostsync.content.types import Document, FieldValue, PostView
from ghostsync.errors import ContentError
from ghostsync.model import Mode
from ghostsync.sync.merge import Base, Reconciled
from ghostsync.sync.model import Use


def settle(
    base: Base,
    local: Document,
    remote: PostView,
    content: Reconciled,
    use: Use,
    *,
    companion: Document | None = None,
    site_url: str = "",
    html_extensions: tuple[str, ...] = (),
) -> Reconciled:
    """What to write on each side so that both hold the chosen version.

    content: the reconciliation with its conflicts. companion: an edited NAME.conflict.md, which `Use.MERGED`
    takes. Raises ContentError where the chosen version does not exist.
    """
    if use is Use.MERGED and companion is not None and companion.problems:
        raise companion.problems[0]
    to_file, to_post = dict(content.to_file), dict(content.to_post)
    for key in content.conflicts:
        if key == "body":
            continue
        value = _field(key, base, local, remote, use, companion)
        if local.fields.get(key) != value:
            to_file[key] = value
        if remote.fields.get(key) != value:
            to_post[key] = value
    settled = replace(content, to_file=to_file, to_post=to_post, conflicts=(), conflict_body="")
    if use is Use.MERGED and companion is not None:
        text, mode = companion.body, content.mode or local.mode
        if "body" in content.conflicts:
            mode = _told(base, local, remote, site_url).mode
    elif "body" in content.conflicts:
        text, mode = _body(base, local, remote, use, site_url)
    else:
        return settled
    equal = body_equals(text, remote.body, mode, site_url=site_url, html_extensions=html_extensions)
    return replace(
        settled,
        file_body=text if text != local.body else None,
        post_body=None if equal else text,
        mode=mode if mode is not local.mode else None,
    )


def _field(
    key: str, base: Base, local: Document, remote: PostView, use: Use, companion: Document | None
) -> FieldValue:
    spec = FIELDS[key]
    match use:
        case Use.LOCAL:
            return local.fields.get(key, spec.default)
        case Use.REMOTE:
            return remote.fields.get(key, spec.default)
        case Use.BASE:
            return base.view.fields.get(key, spec.default)
        case Use.MERGED:
            pass
    if companion is None:
        raise _not_merged(local.path, [key])
    if key not in companion.fields and spec.keeps:
        raise ContentError(
            f"says nothing about {key}, which was changed in the file and in Ghost",
            subject=companion.path,
            key=key,
            remedy=f"Write the value that shall hold: {key}: ...",
        )
    return companion.fields.get(key, spec.default)


def _told(base: Base, local: Document, remote: PostView, site_url: str) -> Respelled:
    """Ghost's version as the file would say it."""
    return respell_body(base.document.body, base.view.body, remote.body, local.mode, site_url=site_url)


def _body(base: Base, local: Document, remote: PostView, use: Use, site_url: str) -> tuple[str, Mode]:
    """The chosen text, and the mode it is written in."""
    if use is Use.LOCAL:
        return local.body, local.mode
    if use is Use.BASE:
        return base.document.body, base.document.mode
    told = _told(base, local, remote, site_url)
    if use is Use.REMOTE:
        return told.text, told.mode
    raise _not_merged(local.path, ["body"])  # what merges by itself is in no conflict


def _not_merged(path: str, keys: Iterable[str]) -> ContentError:
    return ContentError(
        f"there is no merged version of {', '.join(keys)} yet: both sides changed the same words",
        subject=path,
        remedy="Edit the .conflict.md beside the file until no marker is left, or choose --use local, remote or base.",
    )
