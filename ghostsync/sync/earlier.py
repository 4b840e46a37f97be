"""The base of a document that other people brought in step meanwhile: the newest version in the folder's repository that
says what Ghost holds now.

A clone knows only what it has agreed with Ghost itself. If somebody else's sync sent version 2, and this clone gets
versions 2 and 3 through the repository, the post is no edit of an editor's: it is version 2, and 3 is to be sent.
Only commits since the last agreement count. An editor who went back to an older text has made an edit.
"""

from __future__ import annotations

from collections.abc import Callable

from ghostsync.content.body import body_equals
from ghostsync.content.document import remote_changes, stated_differences
from ghostsync.content.types import Document, PostView
from ghostsync.errors import GitError
from ghostsync.sync.merge import Base
from ghostsync.sync.ports import Past, State

AGREED_AT = "git.agreed_at"
"""Under which name the state keeps the branch's commit of the last agreement."""

Read = Callable[[bytes], tuple[Document, PostView]]
"""A version of the file, understood, and the post as it is to be compared with it."""


class Earlier:
    """Looks for such a version. warnings: what a person should hear, filled as it looks."""

    def __init__(self, past: Past | None, state: State, *, html_extensions: tuple[str, ...]) -> None:
        self._past = past
        self._state = state
        self._html_extensions = html_extensions
        self.warnings: list[str] = []
        if past is not None:
            past.renew()

    def base(
        self, path: str, base: Base | None, local: Document, remote: PostView, read: Read, site_url: str
    ) -> Base | None:
        """The base to compare with: the given one, or one that is newer. read: understands a version."""
        if self._past is None or local.problems:
            return base
        if base is not None and not remote_changes(base.view, remote, site_url=site_url):
            return base
        since = self._state.meta(AGREED_AT) if base is not None else ""
        if since is None or self.agree(local, remote, site_url):
            return base
        try:
            for data in self._past.versions(path, since=since):
                if base is not None and _lines(data) == _lines(base.document.data):
                    break  # older ones are what an editor may have gone back to
                version, post = read(data)
                if not version.problems and self.agree(version, post, site_url):
                    return Base(version, remote)
            if self._past.shallow and not self.warnings:
                self.warnings.append(_SHALLOW)
        except GitError as error:
            self.warnings.append(f"{error.what}; earlier versions of files were not looked at")
            self._past = None
        return base

    def agree(self, document: Document, view: PostView, site_url: str) -> bool:
        """Whether the post says what the file says, as far as the file says anything."""
        return not stated_differences(document, view) and body_equals(
            document.body,
            view.body,
            document.mode,
            site_url=site_url,
            html_extensions=self._html_extensions,
        )


def _lines(data: bytes) -> list[bytes]:
    """Without the line ends, which git may have changed."""
    return data.splitlines()


_SHALLOW = (
    "this is a shallow clone: versions of files that are not in it could not be compared with Ghost. Where a file is "
    "reported as different or in conflict, fetch the whole history first (git fetch --unshallow; in GitHub Actions "
    "fetch-depth: 0, in GitLab CI GIT_DEPTH: 0)."
)
