"""How much is tried of what has no end, and what was tried in the end.

By hand, where somebody waits, a sample has to do. Continuous integration tries more, `make torture` most.
"""

from __future__ import annotations

import os

FIGURE = "figure"


def everyday(here, there):
    """here: how much by hand; there: in continuous integration (CI=true)."""
    return there if os.environ.get("CI") else here


def parts(start, end, size):
    """The range from start to end in pieces of at most `size`, so that workers can share them."""
    return [range(at, min(at + size, end)) for at in range(start, end, size)]


def name_of(part):
    return f"{part.start}-{part.stop - 1}"


def note(request, **figures):
    """Add to the sums that are told when all tests are done; words are joined by underscores here, by spaces there."""
    for name, count in figures.items():
        request.node.user_properties.append((FIGURE, [name.replace("_", " "), count]))


def sums(reports):
    """name -> sum, of all that these reports noted."""
    found = {}
    for report in reports:
        for kind, told in getattr(report, "user_properties", ()):
            if kind == FIGURE and getattr(report, "when", "") == "call":
                name, count = told
                found[name] = found.get(name, 0) + count
    return dict(sorted(found.items()))
