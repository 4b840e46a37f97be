"""Real Ghosts for the tests: installed from npm, kept in a cache outside the checkout, started on loopback.

    python -m tests.realghost install 6.65.0 5.130.6     # about a minute each, once
    python -m tests.realghost run 6.65.0                 # a throw-away Ghost until Ctrl-C

In tests use the fixtures `ghost6`, `ghost5`, `ghost4`, `ghost3`, `ghost2` of tests/conftest.py.
"""

from .cache import Cache, RealGhostError
from .install import install
from .recipes import RECIPES, Recipe, recipe
from .server import RealGhost, launch
from .tools import missing_tools

__all__ = [
    "RECIPES",
    "Cache",
    "RealGhost",
    "RealGhostError",
    "Recipe",
    "install",
    "launch",
    "missing_tools",
    "recipe",
]
