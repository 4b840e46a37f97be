"""What ghostsync remembers of a folder, in `.ghostsync/`: the database, and the lock that keeps a second one out."""

from ghostsync.state.lock import FolderLock, Holder, holder
from ghostsync.state.open import open_state
from ghostsync.state.sqlite import SqliteState

__all__ = ["FolderLock", "Holder", "SqliteState", "holder", "open_state"]
