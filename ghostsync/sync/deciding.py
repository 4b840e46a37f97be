"""A decision that may need one more look at Ghost: what is known of a post's e-mail, before it is published."""

from __future__ import annotations

from dataclasses import replace

from ghostsync.sync.case import Case, Decision, Policy
from ghostsync.sync.desk import Desk
from ghostsync.sync.mailing import needs_look
from ghostsync.sync.plan import decide
from ghostsync.sync.ports import Site


async def decide_with_mailing(
    site: Site, desk: Desk, case: Case, policy: Policy
) -> tuple[Case, Decision | None]:
    """`decide`, with the post's `Mailing` fetched first where the decision hangs on it. Costs a request only there.
    The desk keeps what was found until `Desk.forget_mailing`. Raises GhostError.
    """
    decision = decide(case, policy)
    if decision is None or not needs_look(case, decision.content, desk.context.site.major):
        return case, decision
    found = await site.mailing(case.id)
    if found is None:
        return case, decision  # gone meanwhile: the write itself will say so
    desk.mailings[case.id] = found
    case = replace(case, mailing=found)
    return case, decide(case, policy)
