"""Every word of a file reaches Ghost once: none is published twice, none is lost."""

from __future__ import annotations

import re
from collections import Counter
from itertools import count

from hypothesis import example, given
from hypothesis import strategies as st

from ghostsync.content.lexical import children_of
from ghostsync.content.markdown import read_markdown

_LINES = [
    "@", "@ *@*", "@  ", "@\\", "# @", "Set @", "===", "---", "> @", "> > @", ">", "- @", "* @", "1. @", "2) @", "  - @", "   @", "    @", "\t@",
    "```", "```py", "~~~", "<div>", "</div>", "<div>@", "<!-- @", "-->", "<!-- @ -->", "| @ | @ |", "|---|---|", ": @", ":   @", "  : @", "> : @",
    "- : @", "- [ ] @", "- [x] @", "![@](a)", "@ ![@](a)", "<kbd>@</kbd>", "<u>@", "@</u>", "> [!NOTE]", "***", "`@`", "$@$", "$$", "@$$@", "<p>@</p>",
    "<details>", "<summary>@</summary>", "</details>", "", "", "",
]  # fmt: skip
_SOURCE_COMMENT = re.compile(r"<!--markdown\n.*?\n-->\n", re.DOTALL)
_WORD = re.compile(r"Q\d+q")


def _numbered(lines: list[str]) -> str:
    """Each @ as a word of its own."""
    numbers = count(1)
    return re.sub("@", lambda _: f"Q{next(numbers)}q", "\n".join(lines))


def _shown(value: object) -> str:
    """All text in a node; of a card that was rendered here without the source in its comment."""
    if isinstance(value, dict):
        return "\x00".join(_shown(item) for item in value.values())
    if isinstance(value, list):
        return "\x00".join(map(_shown, value))
    return _SOURCE_COMMENT.sub("", value) if isinstance(value, str) else ""


@given(st.lists(st.sampled_from(_LINES), max_size=12).map(_numbered))
@example(_numbered(["@", ": @", "", "@", ""]))
@example(_numbered(["@", ": @", "", ": @", "", "", "@"]))
@example(_numbered(["> @", "> : @", ">", "> @", "", "@"]))
def test_each_word_of_a_document_is_in_the_lexical_exactly_once(text):
    shown = Counter(_WORD.findall(_shown(children_of(read_markdown(text)))))
    assert shown == Counter(_WORD.findall(text))
