"""Takes secrets out of text that leaves the process: log lines and tracebacks.

No code of ghostsync puts the Admin API key or a token into a message. This is the second lock on that door:
a library's exception may quote a header, and a person may have pasted the key into the wrong field.
"""

from __future__ import annotations

import re

_SECRETS = (
    # The key as Ghost shows it, and its secret half alone.
    (re.compile(r"\b([0-9a-fA-F]{6})[0-9a-fA-F]{18}:[0-9a-fA-F]{64}\b"), r"\1…:hidden"),
    (re.compile(r"\b[0-9a-fA-F]{64}\b"), "hidden"),
    # A JSON Web Token: three base64url parts of which the first is an object that begins with {" .
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "token-hidden"),
)


def without_secrets(text: str) -> str:
    """The text with keys, signing secrets and tokens replaced. A SHA-256 in hex goes too: it looks the same."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text
