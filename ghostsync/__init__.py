"""ghostsync keeps a folder of Markdown files and a Ghost blog in step, both ways."""

__version__ = "0.1.0"
