"""The `html` content mode: Markdown -> HTML by Python-Markdown, with the extensions the user chose.

Ghost turns the HTML into its own blocks (`?source=html`), with losses; the mode is for sites whose texts are
written in Python-Markdown's dialect.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ghostsync.errors import ContentError

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def render_html(text: str, extensions: Sequence[str] = ()) -> str:
    """The HTML of a Markdown text.

    extensions: names as Python-Markdown knows them ("extra", "toc", "package.module:Class"). The same text and
    extensions give the same HTML always. The newline Python-Markdown puts at the end of code is left out: Ghost
    would make it one more line. Raises ContentError for an extension that cannot be loaded.
    """
    from markdown import Markdown  # noqa: PLC0415 - few sites use the mode

    for name in extensions:
        _check(name)
    html = Markdown(extensions=list(extensions), output_format="html").convert(text)
    return html.replace("\n</code></pre>", "</code></pre>")


def shows_nothing(html: str) -> bool:
    """Whether Ghost would find nothing in this HTML: it ignores an empty one on PUT, and answers 422 to one of
    nothing but comments.
    """
    return not _COMMENT.sub("", html).strip()


def _check(name: str) -> None:
    from markdown import Markdown  # noqa: PLC0415 - as above

    try:
        Markdown(extensions=[name])
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise ContentError(
            f"Python-Markdown cannot load the extension {name!r}: {error}",
            key="html_extensions",
            remedy="Correct [content] html_extensions, or install the package that holds the extension beside "
            "ghostsync.",
        ) from None
