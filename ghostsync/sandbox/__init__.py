"""An embedded Ghost Admin API on loopback, for the demo and the fast tests.

It behaves as Ghost 6.65 does towards an integration's key: `tests/contract` runs one suite on both.

    ghost = SandboxGhost(clock=ManualClock())
    async with serve(ghost) as url:
        ...                      # any Admin API client with ghost.admin_api_key
        ghost.edit(id, title="changed by an editor")
"""

from ghostsync.sandbox.app import SandboxApp
from ghostsync.sandbox.clock import ManualClock, ShiftedClock
from ghostsync.sandbox.faults import Fault, When
from ghostsync.sandbox.ghost import SandboxGhost, Seen
from ghostsync.sandbox.serve import serve, serve_in_thread
from ghostsync.sandbox.store import Document

__all__ = [
    "Document",
    "Fault",
    "ManualClock",
    "SandboxApp",
    "SandboxGhost",
    "Seen",
    "ShiftedClock",
    "When",
    "serve",
    "serve_in_thread",
]
