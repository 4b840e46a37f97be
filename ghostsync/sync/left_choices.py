"""How a conflict shall be settled, left by `resolve` for the next cycle of whoever holds the folder."""

from __future__ import annotations

import json

from ghostsync.sync.model import Use
from ghostsync.sync.ports import State

CHOSEN = "chosen"
"""Where the state keeps it: path -> Use, as JSON."""


def leave_choice(state: State, path: str, use: Use) -> None:
    """For the conflict of this file, once."""
    left = json.loads(state.meta(CHOSEN) or "{}")
    state.set_meta(CHOSEN, json.dumps({**left, path: use.value}))


def take_choices(state: State) -> dict[str, Use]:
    """What was left; from now on it is not there any more: it was meant for the conflict that is there now, for no later
    one.
    """
    left = state.meta(CHOSEN)
    if left is None:
        return {}
    state.set_meta(CHOSEN, None)
    return {path: Use(use) for path, use in json.loads(left).items()}
