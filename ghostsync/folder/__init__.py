"""The local side: what is in the folder, and the only code that writes user files."""

from ghostsync.folder.local import LocalFolder

__all__ = ["LocalFolder"]
