"""Three-way reconciliation of one document: what goes into the file, what goes into the post. Pure.

Each side is compared with its own half of the base only: the file with the file as it was when both
agreed, the post with the post as it was then. So what Ghost fills in, rewrites or reorders when it stores
a post is never taken for an edit, and neither is a file that says the same in other words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ghostsync.content.body import body_changed, body_equals, merge_bodies, respell_body
from ghostsync.content.document import local_changes, merge_fields, remote_changes, stated_differences
from ghostsync.content.types import Changes, Document, FieldValue, PostView
from ghostsync.model import Mode


@dataclass(frozen=True, slots=True)
class Base:
    """Both halves of the last agreement, understood under today's configuration. renamed: tags that have another name in
    Ghost by now, by the name they had.
    """

    document: Document
    view: PostView
    renamed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What has to be written to bring both sides to the same state.

    to_file, to_post: field -> value. file_body: new Markdown for the file. post_body: Markdown to send.
    conflicts: fields (or "body") that both sides changed differently; then nothing is to be written.
    conflict_body: the body with git-style markers when "body" is among them.
    preferred: both sides had changed the same thing differently, and `prefer` settled it. follows: what goes into the
    file, or would if files were written, is nothing but the new names of its tags, and the tags are not sent.
    """

    to_file: Mapping[str, FieldValue] = field(default_factory=dict)
    to_post: Mapping[str, FieldValue] = field(default_factory=dict)
    file_body: str | None = None
    post_body: str | None = None
    mode: Mode | None = None
    conflicts: tuple[str, ...] = ()
    conflict_body: str = ""
    preferred: bool = False
    follows: bool = False

    @property
    def writes_file(self) -> bool:
        return bool(self.to_file) or self.file_body is not None

    @property
    def writes_post(self) -> bool:
        return bool(self.to_post) or self.post_body is not None

    @property
    def keys(self) -> tuple[str, ...]:
        """The fields that travel in either direction, then "body"."""
        names = dict.fromkeys([*self.to_post, *self.to_file, *self.conflicts])
        if self.file_body is not None or self.post_body is not None:
            names["body"] = None
        return tuple(names)


def _body(
    base: Base,
    local: Document,
    remote: PostView,
    changes: tuple[bool, bool],
    *,
    prefer: str,
    site_url: str,
    html_extensions: tuple[str, ...],
) -> Reconciled:
    """The body's part. changes: whether (file, post) say something new."""
    mine, theirs = changes
    if mine and not theirs:
        return Reconciled(post_body=local.body)
    if not theirs:
        return Reconciled()
    if not mine:
        # From the file as it is, not from the base: it may have been rewrapped since.
        told = respell_body(
            local.body,
            base.view.body,
            remote.body,
            local.mode,
            site_url=site_url,
            html_extensions=html_extensions,
        )
        return Reconciled(
            file_body=told.text if told.text != local.body else None,
            mode=told.mode if told.mode != local.mode else None,
        )
    if body_equals(local.body, remote.body, local.mode, site_url=site_url, html_extensions=html_extensions):
        return Reconciled()  # the same edit on both sides, maybe wrapped or marked up in other ways
    told = respell_body(
        base.document.body,
        base.view.body,
        remote.body,
        local.mode,
        site_url=site_url,
        html_extensions=html_extensions,
    )
    merged = merge_bodies(base.document.body, local.body, told.text, told.mode)
    text = merged.text
    if merged.conflict:
        if prefer == "none":
            return Reconciled(conflicts=("body",), conflict_body=merged.text)
        text = local.body if prefer == "local" else told.text
    sent = body_equals(text, remote.body, local.mode, site_url=site_url, html_extensions=html_extensions)
    return Reconciled(
        file_body=text if text != local.body else None,
        post_body=None if sent else text,
        mode=told.mode if told.mode != local.mode else None,
        preferred=merged.conflict,
    )


def reconcile(
    base: Base,
    local: Document,
    remote: PostView,
    *,
    prefer: str = "none",
    site_url: str = "",
    html_extensions: tuple[str, ...] = (),
) -> Reconciled:
    """Merge what both sides did since base. prefer: "none", "local" or "remote" settles conflicts."""
    mine: Changes = local_changes(base.document, local)
    theirs: Changes = remote_changes(base.view, remote, site_url=site_url)
    my_fields = dict(mine.fields)
    if remote.fields.get("status") == "sent":
        # `sent` is Ghost's own word: an e-mail went out, nothing here takes that back.
        my_fields.pop("status", None)
        my_fields.pop("published_at", None)
    held, their_fields = base.view.fields, theirs.fields
    if base.renamed:
        held, my_fields, their_fields = _under_new_names(base, my_fields, theirs.fields, remote)
    to_file, to_post, conflicts = merge_fields(held, my_fields, their_fields)
    if base.renamed and "tags" in local.fields and "tags" not in conflicts:
        to_file.setdefault("tags", _renamed(local.fields["tags"], base.renamed))
    preferred = bool(conflicts) and prefer != "none"
    if preferred:
        for key in conflicts:
            if prefer == "local":
                to_post[key] = my_fields[key]
            else:
                to_file[key] = their_fields[key]
        conflicts = ()
    my_body = mine.body and (
        local.mode != base.document.mode or body_changed(base.document.body, local.body, local.mode)
    )
    body = _body(
        base,
        local,
        remote,
        (my_body, theirs.body),
        prefer=prefer,
        site_url=site_url,
        html_extensions=html_extensions,
    )
    to_file = {k: v for k, v in to_file.items() if local.fields.get(k, _UNSET) != v}
    to_post = {k: v for k, v in to_post.items() if remote.fields.get(k, _UNSET) != v}
    named_anew = {"tags": _renamed(local.fields.get("tags"), base.renamed)}
    return Reconciled(
        to_file=to_file,
        to_post=to_post,
        file_body=body.file_body,
        post_body=body.post_body,
        mode=body.mode,
        conflicts=(*conflicts, *body.conflicts),
        conflict_body=body.conflict_body,
        preferred=preferred or body.preferred,
        follows=to_file == named_anew and "tags" not in to_post and body.file_body is None,
    )


_UNSET = object()


def _under_new_names(
    base: Base, mine: Mapping[str, FieldValue], theirs: Mapping[str, FieldValue], remote: PostView
) -> tuple[dict[str, FieldValue], dict[str, FieldValue], dict[str, FieldValue]]:
    """(base, the file's changes, the post's) as if the tags had always had the names they have now: nobody edited the post
    when its tag was renamed.
    """
    held = {**base.view.fields, "tags": _renamed(base.view.fields.get("tags"), base.renamed)}
    ours, others = dict(mine), dict(theirs)
    if "tags" in ours:
        ours["tags"] = _renamed(ours["tags"], base.renamed)
    if held["tags"] == remote.fields.get("tags"):
        others.pop("tags", None)
    return held, ours, others


def held_before(base: Base | None, content: Reconciled, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ghost's JSON of a post before a write, for the base that follows from it: with the old names of its tags, where the
    file still has them.
    """
    if base is None or not content.follows or content.to_file:
        return data
    old = {new: name for name, new in base.renamed.items()}
    tags = [
        {**tag, "name": old.get(str(tag.get("name") or "").strip(), tag.get("name"))} for tag in data["tags"]
    ]
    return {**data, "tags": tags}


def _renamed(names: FieldValue, renamed: Mapping[str, str]) -> FieldValue:
    if not isinstance(names, tuple):
        return names
    return tuple(dict.fromkeys(renamed.get(name, name) for name in names))


def impose_local(
    local: Document, remote: PostView, *, site_url: str = "", html_extensions: tuple[str, ...] = ()
) -> Reconciled:
    """The file wins where both sides differ and never agreed: everything it states goes to the post."""
    names = [key for key in stated_differences(local, remote) if key != "body"]
    if remote.fields.get("status") == "sent":
        names = [key for key in names if key not in {"status", "published_at"}]
    same = body_equals(
        local.body, remote.body, local.mode, site_url=site_url, html_extensions=html_extensions
    )
    return Reconciled(
        to_post={key: local.fields[key] for key in names},
        post_body=None if same else local.body,
    )


def impose_remote(
    local: Document,
    remote: PostView,
    spelled: PostView,
    *,
    site_url: str = "",
    html_extensions: tuple[str, ...] = (),
) -> Reconciled:
    """The post wins: the file takes its values for what it states, and its body.

    spelled: a view whose body is what the file's own text means, so that equal blocks keep their spelling.
    """
    names = [key for key in stated_differences(local, remote) if key != "body"]
    same = body_equals(
        local.body, remote.body, local.mode, site_url=site_url, html_extensions=html_extensions
    )
    told = respell_body(
        local.body, spelled.body, remote.body, local.mode, site_url=site_url, html_extensions=html_extensions
    )
    return Reconciled(
        to_file={key: remote.fields[key] for key in names},
        file_body=None if same else told.text,
        mode=None if same or told.mode == local.mode else told.mode,
    )
