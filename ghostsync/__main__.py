"""`python -m ghostsync` is the command `ghostsync`."""

from ghostsync.cli.main import run

run()
