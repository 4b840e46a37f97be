"""The measurement of a blog runs, and finds nothing wrong with ours; with GHOSTSYNC_TEST_BLOG=FOLDER, with yours."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from blogs import measure
from test_fidelity_markdown import GFM, PAGES

ENV = "GHOSTSYNC_TEST_BLOG"


def _own_blog(folder: Path) -> Path:
    """A post for each of the pages' cases, between two hard-wrapped paragraphs."""
    for group, cases in (("gfm", GFM), ("page", PAGES)):
        for number, (name, (markdown, _)) in enumerate(cases.items()):
            title = json.dumps(name)
            words = f"Some words that are\nwrapped here.\n\n{markdown}\nAnd a last\nparagraph.\n"
            text = f"---\ntitle: {title}\n---\n{words}"
            (folder / f"{group}-{number}.md").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_a_blog_goes_up_is_saved_by_the_editor_and_comes_down_as_it_was(own_ghost, tmp_path, figure):
    given = os.environ.get(ENV)
    if given is None:
        (tmp_path / "blog").mkdir()
        folder = _own_blog(tmp_path / "blog")
    else:
        folder = Path(given)
    report = measure(own_ghost, folder, tmp_path / "work", 10_000)
    for line in report.lines():
        figure(line)
    assert report.files > 0
    assert report.words > 0
    assert not report.touched_by_push
    unexplained = {
        name: diff for name, diff in report.changed_by_save.items() if name not in report.edited_by_editor
    }
    assert not unexplained, "\n".join(unexplained.values())
    assert not report.more_than_a_block, "\n".join(report.more_than_a_block.values())
    assert not report.unsettled
