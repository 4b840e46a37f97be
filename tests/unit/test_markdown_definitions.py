"""A link definition behind a list is the author's, and no edit of the list may take it along."""

import json

import pytest

from ghostsync.content.lexical import same
from ghostsync.content.markdown import read_blocks, read_markdown, respell

TEXTS = [
    "* x bytes\n\n\n* b\n\n[2]: /a\n[3]: /b\n",
    "- x bytes\n\n[r]: /u\n[s]: /v\n",
    "1. x bytes\n\n[r]: /u\n[r]: /again\n",
    "[r]: /u\n\n- x bytes\n- \n\n[r]: /again\n[s]: /v\n",
    "- x bytes\n\n  [in]: /x\n\n  c\n\n[r]: /u\n[s]: /v\n",
    "- x bytes\n  - nested\n\n[r]: /u\n[s]: /v\n\nA [link][s].\n",
    "- ünï bytes\n\n[r]: /u\n[s]: /v\n",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_definition_behind_a_list_is_no_part_of_its_block(text):
    blocks = read_blocks(text)
    assert "".join(block.source for block in blocks) == text
    [made] = [block for block in blocks if "bytes" in block.source]
    assert "\n[" not in made.source


@pytest.mark.parametrize("text", TEXTS)
def test_an_edit_of_the_list_in_ghost_leaves_the_definitions_behind_it(text):
    old = read_markdown(text)
    new = json.loads(json.dumps(old, ensure_ascii=False).replace("bytes", "words"))
    told = respell(text, old, new)
    # The list itself is the block that changed: blank lines inside it may be set anew.
    wanted = text.replace("bytes", "words")
    assert [line for line in told.split("\n") if line] == [line for line in wanted.split("\n") if line]
    assert same(read_markdown(told), new)
