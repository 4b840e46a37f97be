"""Every Markdown document: the page that Ghost makes of it is what CommonMark and GitHub Flavored Markdown say."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from documented import documented
from fidelity_html import FORMATS, LOOSE, QUOTE, needed
from fidelity_world import Folder, browser_trees, commonmark_spec, posts_of

_AUTOLINK = "GFM's extended autolinks (section 6.9) make a link of a bare address; CommonMark alone does not"
_UNCLOSED = (
    "a tag that never ends: in a browser it swallows whatever follows, here the end mark of Ghost's card"
)
EXCEPTIONS = {
    156: _UNCLOSED,
    157: _UNCLOSED,
    158: _UNCLOSED,
    173: _UNCLOSED,
    602: _AUTOLINK,
    608: _AUTOLINK,
    611: _AUTOLINK,
    612: _AUTOLINK,
}
"""Examples of CommonMark 0.31.2 whose page is another one, and why."""

_CASE = re.compile(r"^(\S[^\n]*)\n\.\n(.*?)^\.\n(.*?)^\.$", re.MULTILINE | re.DOTALL)


def _cases(name: str) -> dict[str, tuple[str, str]]:
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    return {title: (markdown, html) for title, markdown, html in _CASE.findall(text)}


GFM, PAGES = _cases("gfm.md"), _cases("pages.md")
DOCUMENTED = {
    name: (markdown, html) for name, (markdown, html) in documented().items() if html.startswith("<")
}


NAMES = {"gfm": "GFM", "pages": "Other Markdown", "documented": "Examples of the documentation"}


def _slug(group: str, title: object) -> str:
    return f"{group}-" + re.sub(r"[^a-z0-9]+", "-", str(title).lower()).strip("-")


@pytest.fixture(scope="module")
def pages(own_ghost, tmp_path_factory):
    """(group, name) -> (wanted HTML, page's HTML, equivalences needed or None), all pushed as files at once."""
    spec = {number: (markdown, html) for number, _, markdown, html in commonmark_spec()}
    groups = {"commonmark": spec, "gfm": GFM, "pages": PAGES, "documented": DOCUMENTED}
    folder = Folder(own_ghost, tmp_path_factory.mktemp("markdown"))
    keys = [(group, name) for group, cases in groups.items() for name in cases]
    for group, name in keys:
        folder.write(_slug(group, name), groups[group][name][0])
    ran = folder("push")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    files = folder.files()
    posts = posts_of(own_ghost)
    wanted = [groups[group][name][1] for group, name in keys]
    made = [posts[_slug(group, name)]["html"] or "" for group, name in keys]
    trees = zip(browser_trees(made), browser_trees(wanted), strict=True)
    verdicts = [needed(page, right, site_url=own_ghost.url) for page, right in trees]
    ran = folder("sync", "--full")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert folder.files() == files  # what went up has nothing to say when it is read again
    return dict(zip(keys, zip(wanted, made, verdicts, strict=True), strict=True))


def _of(pages, group):
    return {name: verdict for (its_group, name), verdict in pages.items() if its_group == group}


@pytest.mark.slow
def test_the_pages_of_commonmarks_examples_are_what_the_specification_says(pages, figure):
    results = _of(pages, "commonmark")
    needs = Counter(verdict for *_, verdict in results.values())
    failed = {number for number, (*_, verdict) in results.items() if verdict is None}
    right = len(results) - len(failed)
    figure(f"CommonMark examples: {right} of {len(results)} ({needs[()]} without any equivalence)")
    for some, count in needs.most_common():
        if some:
            figure(f"    {count:3} with {' and '.join(some)}")
    for number in sorted(failed):
        figure(f"    example {number}: {EXCEPTIONS.get(number, 'NOT EXPLAINED')}")
    assert failed == EXCEPTIONS.keys()
    assert right >= 640
    assert needs[()] >= 610


@pytest.mark.slow
@pytest.mark.parametrize("group", NAMES)
def test_the_page_shows_what_the_author_wrote(pages, group, figure):
    results = _of(pages, group)
    failed = {name: (wanted, made) for name, (wanted, made, verdict) in results.items() if verdict is None}
    figure(f"{NAMES[group]}: {len(results) - len(failed)} of {len(results)}")
    assert not failed, "\n".join(f"{name}\n  wanted {a!r}\n  page   {b!r}" for name, (a, b) in failed.items())


DIFFERENT = [
    ("<p>a</p>", "<p>b</p>"),
    ("<p>a b</p>", "<p>a<br>b</p>"),
    ("<p>a</p><p>b</p>", "<p>a b</p>"),
    ("<p>a</p>", "<h2>a</h2>"),
    ("<p><em>a</em></p>", "<p><strong>a</strong></p>"),
    ('<p><a href="/a">a</a></p>', '<p><a href="/b">a</a></p>'),
    ("<ul><li>a</li></ul>", "<ol><li>a</li></ol>"),
    ("<ul><li>a</li><li>b</li></ul>", "<ul><li>a</li></ul><ul><li>b</li></ul>"),
    ("<pre><code>a\n b</code></pre>", "<pre><code>a b</code></pre>"),
    ("<p>☐ a</p>", "<p>a</p>"),
    ('<p><img src="/a" alt="x"></p>', '<p><img src="/a" alt=""></p>'),
    ("<p>a</p><!-- c -->", "<p>a</p>"),
    ("<blockquote><p>a</p><p>b</p></blockquote>", "<blockquote>a b</blockquote>"),
    ("<p>a<mark>b</mark></p>", "<p>ab</p>"),
]
ALIKE = [
    ("<p>a  b</p>\n", '<p class="x" id="y">a b</p>', ()),
    ("<p>é &amp; x</p>", "<p>&eacute; &#38; x</p>", ()),
    ('<p><img src="/a" alt="x"></p>', '<figure class="kg-card kg-image-card"><img src="/a" class="kg-image" alt="x" loading="lazy"></figure>', ()),
    ("<p>a</p>", "<!--kg-card-begin: html--><p>a</p><!--kg-card-end: html-->", ()),
    ("<blockquote><p>a</p></blockquote>", "<blockquote>a</blockquote>", (QUOTE,)),
    ("<ul><li><p>a</p></li></ul>", "<ul><li>a</li></ul>", (LOOSE,)),
    ("<p><strong>a<em>b</em></strong></p>", "<p><b>a</b><i><b>b</b></i></p>", (FORMATS,)),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.ghost
def test_the_normalisation_tells_apart_what_a_reader_would(own_ghost):
    cases = [*((first, second, None) for first, second in DIFFERENT), *ALIKE]
    trees = browser_trees([html for first, second, _ in cases for html in (first, second)])
    for index, (first, second, some) in enumerate(cases):
        assert needed(trees[2 * index], trees[2 * index + 1]) == some, (first, second)
