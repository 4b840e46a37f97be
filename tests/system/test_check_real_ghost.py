"""What check says of the parts of a page, against the pages of real Ghosts."""

import re
from urllib.parse import unquote

import httpx
import pytest
from cli_runner import ENVIRONMENT, ghostsync

from ghostsync.content.document import read_document
from ghostsync.content.linking import anchors
from ghostsync.content.types import Context
from ghostsync.model import Kind, Mode, SiteInfo

GHOSTS = [
    pytest.param(version, marks=pytest.mark.ghost, id=version)
    for version in ("6.65.0", "5.130.6", "4.48.9", "3.42.9", "2.38.3")
]
BODY = """# The title of it

## Über *uns*: `code` & ==more==!

## Twice

## Twice

> ## In a quote

Text with <a id="of-html"></a> an id.

### A [link](https://x.example/) and 🐝 bees -- or not
"""


@pytest.mark.parametrize("version", GHOSTS)
@pytest.mark.parametrize("mode", ["lexical", "markdown", "html"])
def test_the_parts_that_check_knows_are_the_ids_on_the_page(
    ghost_park, version, mode, tmp_path, monkeypatch, capsys
):
    ghost = ghost_park.get(version)
    major = ghost.recipe.major
    if major < 5 and mode == "lexical":
        mode = "markdown"  # all that it has
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", ghost.key)
    ghost.wipe()
    (tmp_path / "ghostsync.toml").write_text(f'[site]\nurl = "{ghost.url}"\n', encoding="utf-8")
    # Headings in quotes get lost on the way from HTML, whatever is said of them.
    body = BODY.replace("> ## In a quote\n", "") if mode == "html" else BODY
    text = f"---\nformat: {mode}\nslug: parts\nstatus: published\n---\n{body}"
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/parts.md").write_text(text, encoding="utf-8")
    ran = ghostsync(monkeypatch, capsys, "-C", tmp_path, "push")
    assert ran.code == 0, ran
    page = httpx.get(f"{ghost.url}/parts/", trust_env=False, follow_redirects=True).text
    on_page = {unquote(id) for id in re.findall(r'<(?:h[1-6]|a)\b[^>]*? id="([^"]+)"', page)}
    context = Context(SiteInfo("", ghost.url, f"{major}.0"), 0, Mode.LEXICAL)
    document = read_document(text.encode(), "posts/parts.md", Kind.POST, context)
    known = anchors(document.body, document.mode, major)
    assert ("of-html" in known) is (mode != "html")
    assert known <= on_page
