"""Whether the work tree is in a state to be synced: on the branch, with nothing under way. Pure but for two questions to git."""

from __future__ import annotations

from collections.abc import Mapping

from ghostsync.errors import GitError
from ghostsync.sync.versioning.model import GitStanding
from ghostsync.sync.versioning.ports import WorkTree

_HEADS = "refs/heads/"


def refusal(
    standing: GitStanding, branch: str | None, tree: WorkTree, environment: Mapping[str, str]
) -> GitError | None:
    """Why nothing may be synced now; None when it may. branch: the one to be synced, None: whichever is there."""
    if standing.operation:
        return GitError(
            f"waits: {standing.operation} is under way in this work tree",
            subject=tree.shown,
            remedy=f"Finish or abort it; git status shows how far it is. Then ghostsync goes on{_on(branch)}.",
        )
    if standing.unmerged:
        first, *more = standing.unmerged
        others = f" and {len(more)} more" if more else ""
        return GitError(
            f"waits: {first}{others} is unmerged",
            subject=tree.shown,
            remedy="Settle it and `git add` it; then ghostsync goes on.",
        )
    if standing.branch:
        if branch in {None, standing.branch}:
            return None
        return GitError(
            f"waits: the work tree is on branch {standing.branch}, and {branch} is the one that is synced",
            subject=tree.shown,
            remedy=f'git switch {branch}; or sync the other one: [git] branch = "{standing.branch}" in ghostsync.toml.',
        )
    branch = branch or branch_of_ci(environment)
    if branch and _checked_out_by_ci(standing, branch, tree, environment):
        return None
    return GitError(
        f"waits: HEAD is detached, and {f'branch {branch} is the one that' if branch else 'nobody said which branch'} is synced",
        subject=tree.shown,
        remedy=f"git switch {branch or 'BRANCH'}. In CI, check out the newest commit of the branch"
        + ("." if branch else ', and name it: [git] branch = "main" in ghostsync.toml.'),
    )


def branch_of_ci(environment: Mapping[str, str]) -> str | None:
    """The branch that a CI system says it runs for; None outside of one, and for pull and merge requests."""
    if environment.get("CI", "").lower() in {"", "0", "false"}:
        return None
    ref = environment.get("GITHUB_REF", "")
    if ref.startswith(_HEADS):
        return ref.removeprefix(_HEADS)
    return environment.get("CI_COMMIT_BRANCH") or None


def _on(branch: str | None) -> str:
    return f" on branch {branch}" if branch else ""


def _checked_out_by_ci(
    standing: GitStanding, branch: str, tree: WorkTree, environment: Mapping[str, str]
) -> bool:
    """CI systems check out a commit, not a branch. Pull and merge requests have other references and do not count."""
    if environment.get("CI", "").lower() in {"", "0", "false"}:
        return False
    if branch_of_ci(environment) == branch:
        return True
    return bool(standing.head) and standing.head in tree.tips(branch)
