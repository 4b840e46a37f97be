"""Every error ghostsync raises on purpose, as one tree.

An error says what happened (`what`), to what (`subject`: a file, a post, an address), and what to do
next (`remedy`). All three are written for the person who reads them on a terminal; none ever holds
the Admin API key, a token or a request header.

    GhostsyncError                     exit code
    ├── UsageError                     2   the command line cannot be carried out as typed
    ├── ConfigError                    2   ghostsync.toml or the environment is wrong
    │   └── KeyFormError               2   the Admin API key does not have the form id:secret
    ├── Halted                         5   a brake holds until a person lifts it
    ├── FolderError                    1   the local side
    │   ├── TargetChanged              1   a file is no longer what the plan was made for
    │   ├── UnsafePath                 1   a path leads out of the folder
    │   └── FolderUnusable             2   the folder is missing or cannot be written
    ├── StateError                     2   .ghostsync/state.db cannot be used
    │   └── FolderLocked               2   another ghostsync holds the folder
    ├── GitError                       1   git failed, or the repository is in no state to be written to
    │   ├── RemoteAway                 1   the remote repository does not answer, or not to us
    │   └── AgreementUnreadable        1   what the repository keeps of the last sync is damaged, or newer than this
    ├── ContentError                   1   a document cannot be understood (carries file and line)
    └── GhostError                         the remote side
        ├── Unreachable                4   no answer: name, connection, TLS, time-out
        ├── Unavailable                4   429, 502, 503, 504: Ghost is there but not now
        ├── RedirectRefused            2   the configured address is not the site's address
        ├── AddressWrong               2   something answers, but not a Ghost Admin API
        ├── Refused                    3   Ghost does not accept the key or the action
        │   ├── KeyUnknown             3
        │   ├── SecretWrong            3
        │   ├── TokenExpired           3   expired or too old: a clock is off
        │   ├── AudienceWrong          3
        │   └── PermissionDenied       3
        ├── NotFound                   1   404 for one resource
        ├── UpdateCollision            1   409: someone else wrote first
        ├── InvalidRequest             1   400, 415, 422 and the like: Ghost names what it dislikes
        ├── ServerFault                1   500, or an error type nobody has described
        └── AnswerUnreadable           1   truncated, not JSON, too large, or not the promised shape

Docstrings of subclasses are omitted where the tree above says it all.
"""

from __future__ import annotations

EXIT_OK = 0
EXIT_DIFFERENCES = 1
EXIT_USAGE = 2
EXIT_REFUSED = 3
EXIT_UNREACHABLE = 4
EXIT_HALTED = 5


class GhostsyncError(Exception):
    """Base of all: `what` happened, to which `subject`, and the `remedy`."""

    exit_code: int = EXIT_DIFFERENCES

    def __init__(self, what: str, *, subject: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.subject = subject
        self.remedy = remedy

    def __str__(self) -> str:
        head = f"{self.subject}: {self.what}" if self.subject else self.what
        return f"{head}\n  -> {self.remedy}" if self.remedy else head


class UsageError(GhostsyncError):
    exit_code = EXIT_USAGE


class ConfigError(GhostsyncError):
    exit_code = EXIT_USAGE


class KeyFormError(ConfigError):
    pass


class Halted(GhostsyncError):
    """A brake holds. `halt_id` names this one halt, so that a script can lift no other."""

    exit_code = EXIT_HALTED

    def __init__(self, what: str, *, halt_id: str, subject: str = "", remedy: str = "") -> None:
        super().__init__(what, subject=subject, remedy=remedy)
        self.halt_id = halt_id


class FolderError(GhostsyncError):
    pass


class FileMissing(FolderError):
    """There is nothing under a name that a document gives."""


class TargetChanged(FolderError):
    pass


class UnsafePath(FolderError):
    pass


class FolderUnusable(FolderError):
    exit_code = EXIT_USAGE


class StateError(GhostsyncError):
    exit_code = EXIT_USAGE


class FolderLocked(StateError):
    pass


class GitError(GhostsyncError):
    """`code`: git's exit code, 0 when it did not come to one. `said`: what it wrote to stderr, without secrets."""

    def __init__(
        self, what: str, *, subject: str = "", remedy: str = "", code: int = 0, said: str = ""
    ) -> None:
        super().__init__(what, subject=subject, remedy=remedy)
        self.code = code
        self.said = said


class AgreementUnreadable(GitError):
    pass


class RemoteAway(GitError):
    """Nothing that a sync with Ghost needs: it goes on, and the remote is tried again later."""


class ContentError(GhostsyncError):
    """A document that cannot be understood; `line` is 1-based in the whole file, 0 if unknown."""

    def __init__(
        self, what: str, *, line: int = 0, key: str = "", subject: str = "", remedy: str = ""
    ) -> None:
        super().__init__(what, subject=subject, remedy=remedy)
        self.line = line
        self.key = key


class GhostError(GhostsyncError):
    """Base of everything the remote side can answer or fail to answer.

    status: HTTP status, 0 when there was no answer. `type`, `code`: Ghost's own words, "" if none.
    `sent`: whether the request may have been applied: False only where that is certain, because it never left
    or because Ghost refused it (a write that may have been applied must be looked for, never repeated).
    """

    def __init__(
        self,
        what: str,
        *,
        subject: str = "",
        remedy: str = "",
        status: int = 0,
        type: str = "",
        code: str = "",
        sent: bool = True,
    ) -> None:
        super().__init__(what, subject=subject, remedy=remedy)
        self.status = status
        self.type = type
        self.code = code
        self.sent = sent

    @property
    def definite(self) -> bool:
        """Ghost itself refused, so that nothing was applied: a 4xx other than a proxy's time-out."""
        return 400 <= self.status < 500 and self.status != 408


class Unreachable(GhostError):
    """`stage`: how far the request came: "name", "connect", "tls", "proxy", "answer".
    `passing`: whether trying again in a few seconds can help.
    """

    exit_code = EXIT_UNREACHABLE
    stage: str = ""
    passing: bool = True


class Unavailable(GhostError):
    """`retry_after`: seconds Ghost asked for, 0.0 if it did not say."""

    exit_code = EXIT_UNREACHABLE
    retry_after: float = 0.0


class RedirectRefused(GhostError):
    exit_code = EXIT_USAGE


class AddressWrong(GhostError):
    exit_code = EXIT_USAGE


class Refused(GhostError):
    exit_code = EXIT_REFUSED


class KeyUnknown(Refused):
    pass


class SecretWrong(Refused):
    pass


class TokenExpired(Refused):
    pass


class AudienceWrong(Refused):
    pass


class PermissionDenied(Refused):
    pass


class NotFound(GhostError):
    pass


class UpdateCollision(GhostError):
    pass


class InvalidRequest(GhostError):
    """`details`: what Ghost's own check found, as it sent it; None if it said no more."""

    details: object = None


class ServerFault(GhostError):
    pass


class AnswerUnreadable(GhostError):
    pass
