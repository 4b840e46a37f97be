"""Which requests are sent again, and after how long.

Repeating is safe for reads, for a DELETE (the second finds nothing), and for any request that certainly was not
applied (`GhostError.sent` is False): the connection was never made, or Ghost refused before it did anything. A POST or
PUT whose answer was lost is never repeated here: the caller looks for it first.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable

import stamina

from ghostsync.errors import Unavailable, Unreachable

LONGEST_WAIT = 60.0  # seconds; a server that asks for more is reported, not waited for
_FIRST, _CEILING, _JITTER = 0.5, 20.0, 0.5


def pause(error: Exception, *, repeatable: bool) -> float | bool:
    """False: give up. True: wait as long as the backoff says. A number: wait so many seconds.

    repeatable: whether the request may be applied twice without harm.
    """
    if not isinstance(error, Unavailable | Unreachable) or (error.sent and not repeatable):
        return False
    if isinstance(error, Unreachable):
        return error.passing
    if error.retry_after > LONGEST_WAIT:
        return False
    if error.retry_after:
        # Whoever was told the same number waits a little longer, not all equally long.
        return error.retry_after + random.uniform(0, _JITTER)  # noqa: S311 - spreads load, hides nothing
    return True


def attempts(retries: int, *, repeatable: bool) -> AsyncIterator[stamina.Attempt]:
    """The attempts of one request, as stamina gives them: a context manager each, around one try."""

    def decide(error: Exception) -> float | bool:
        return pause(error, repeatable=repeatable)

    hook: Callable[[Exception], float | bool] = decide
    context = stamina.retry_context(
        on=hook,
        attempts=retries + 1,
        timeout=None,
        wait_initial=_FIRST,
        wait_max=_CEILING,
        wait_jitter=_JITTER,
    )
    return aiter(context)
