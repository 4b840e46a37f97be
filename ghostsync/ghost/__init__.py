"""The Admin API of Ghost 2 to 6. The only package that knows HTTP (httpx) and tokens (PyJWT).

`site.GhostSite` implements the `Site` port; `diagnose.diagnose` is what `ghostsync doctor` asks.
"""

import sys

# httpx loads its own command line (an extra of its) wherever rich and click can be found: 5 MB and 80 ms for nothing.
# A None in their place means "not installed" to Python, and httpx does without.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # documented, but not in typeshed
