"""The base of a document that other people brought in step meanwhile: the newest version in the folder's repository that
says what Ghost holds now.

A clone knows only what it has agreed with Ghost itself. If somebody else's sync sent version 2, and this clone gets
versions 2 and 3 through the repository, the post is no edit of an editor's: it is version 2, and 3 is to be sent. And
where an editor has changed the post since, the agreement that the other sync left in the repository tells what it was.
Only commits since the last agreement count. An editor who went back to an older text has made an edit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from ghostsync.content.body import body_equals
from ghostsync.content.document import remote_changes, stated_differences
from ghostsync.content.fields import FIELDS
from ghostsync.content.types import Context, Document, PostView
from ghostsync.errors import GitError
from ghostsync.model import RemotePost
from ghostsync.sync.merge import Base
from ghostsync.sync.ports import State
from ghostsync.sync.versioning.ports import Past

AGREED_AT = "git.agreed_at"
"""Under which name the state keeps the branch's commit of the last agreement."""


class Reader(Protocol):
    """Understands versions of one document."""

    def file(self, data: bytes) -> tuple[Document, PostView]:
        """A version of the file, and the post as it is to be compared with it."""
        ...

    def post(self, post: RemotePost) -> PostView:
        """An earlier version of the post."""
        ...


class Earlier:
    """Looks for such a version. warnings: what a person should hear, filled as it looks."""

    def __init__(self, past: Past | None, state: State, context: Context) -> None:
        self._past = past
        self._state = state
        self._html_extensions = context.html_extensions
        self._site_url = context.site.url
        self.warnings: list[str] = []
        if past is not None:
            past.renew()

    def base(self, local: Document, base: Base | None, remote: PostView, reader: Reader) -> Base | None:
        """The base to compare with: the given one, or one that is newer."""
        if self._past is None or local.problems:
            return base
        if base is not None and not remote_changes(base.view, remote, site_url=self._site_url):
            return base
        since = self._state.meta(AGREED_AT) if base is not None else ""
        if since is None or self.agree(local, remote):
            return base
        try:
            return self._newer(self._past, since, local, base, remote, reader) or base
        except GitError as error:
            self.warnings.append(f"{error.what}; earlier versions of files were not looked at")
            self._past = None
        return base

    def _newer(
        self, past: Past, since: str, local: Document, base: Base | None, remote: PostView, reader: Reader
    ) -> Base | None:
        others = past.agreed(remote.id)
        for data in past.versions(local.path, since=since):
            if base is not None and _lines(data) == _lines(base.document.data):
                break  # older ones are what an editor may have gone back to
            version, post = reader.file(data)
            if not version.problems and self.agree(version, post):
                return Base(version, _before(version, local, base, remote))
            if others is not None and _lines(data) == _lines(others[0]):
                return Base(version, reader.post(others[1]))
        unchanged = base is not None and _lines(local.data) == _lines(base.document.data)
        if past.shallow and not unchanged and not self.warnings:
            self.warnings.append(_SHALLOW)
        return None

    def agree(self, document: Document, view: PostView) -> bool:
        """Whether the post says what the file says, as far as the file says anything."""
        return not stated_differences(document, view) and body_equals(
            document.body,
            view.body,
            document.mode,
            site_url=self._site_url,
            html_extensions=self._html_extensions,
        )


def _before(version: Document, local: Document, base: Base | None, remote: PostView) -> PostView:
    """The post when it was last agreed on, as far as a version of the file tells. What that does not state and the file states
    now, an editor may have written meanwhile: it counts as it was before, lest the file's takes its place unasked.
    """
    fields = dict(remote.fields)
    for name in local.fields.keys() - version.fields.keys():
        if base is not None and name in base.view.fields:
            fields[name] = base.view.fields[name]
        elif name in fields and not FIELDS[name].keeps:
            fields[name] = FIELDS[name].default
    return replace(remote, fields=fields)


def _lines(data: bytes) -> list[bytes]:
    """Without the line ends, which git may have changed."""
    return data.splitlines()


_SHALLOW = (
    "this is a shallow clone: versions of files that are not in it could not be compared with Ghost. Where a file is "
    "reported as different or in conflict, fetch the whole history first (git fetch --unshallow; in GitHub Actions "
    "fetch-depth: 0, in GitLab CI GIT_DEPTH: 0)."
)
