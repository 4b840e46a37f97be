"""The tale that ghostsync was built for, told on real Ghosts: much is written there, edited on both sides, and one
sync settles all of it."""

import json
import shutil

import pytest
from cli_runner import ENVIRONMENT, ghostsync

GHOSTS = [
    pytest.param(
        version, marks=[pytest.mark.ghost, pytest.mark.xdist_group(f"ghost{version[0]}")], id=version
    )
    for version in ("6.65.0", "5.130.6", "2.38.3")
]


def text(words, format=0):
    return {
        "type": "extended-text",
        "version": 1,
        "text": words,
        "format": format,
        "mode": "normal",
        "detail": 0,
        "style": "",
    }


def block(type, *children, **more):
    common = {"direction": "ltr", "format": "", "indent": 0, "version": 1}
    return {"type": type, "children": list(children), **common, **more}


def paragraph(words):
    return block("paragraph", text(words))


def bullets(*items):
    children = [block("listitem", text(item), value=n) for n, item in enumerate(items, 1)]
    return block("list", *children, listType="bullet", start=1, tag="ul")


CARDS = [
    {"type": "horizontalrule", "version": 1},
    {"type": "codeblock", "version": 1, "code": "print('hi')\n", "language": "python", "caption": ""},
    {
        "type": "html",
        "version": 1,
        "html": '<div class="x">raw</div>',
        "visibility": {
            "web": {"nonMember": True, "memberSegment": "status:free,status:-free"},
            "email": {"memberSegment": "status:free,status:-free"},
        },
    },
    {
        "type": "callout",
        "version": 1,
        "calloutText": "<p>Mind the gap.</p>",
        "calloutEmoji": "💡",
        "backgroundColor": "yellow",
    },
    {
        "type": "bookmark",
        "version": 1,
        "url": "https://example.com/",
        "metadata": {
            "icon": "",
            "title": "Example",
            "description": "A page",
            "author": "",
            "publisher": "",
            "thumbnail": "",
        },
        "caption": "",
    },
    {
        "type": "image",
        "version": 1,
        "src": "https://example.com/a.png",
        "width": 800,
        "height": 600,
        "title": "",
        "alt": "A hive",
        "caption": "Our <b>hive</b>",
        "cardWidth": "wide",
        "href": "",
    },
    {"type": "toggle", "version": 1, "heading": "<p>More</p>", "content": "<p>Hidden</p>"},
    {
        "type": "button",
        "version": 1,
        "buttonText": "Go",
        "alignment": "center",
        "buttonUrl": "https://example.com/go",
    },
    {"type": "paywall", "version": 1},
]


def lexical(number):
    """Some prose and, from post to post, other blocks."""
    children = [
        block("extended-heading", text(f"Part {number}"), tag="h2"),
        block(
            "paragraph",
            text("Some "),
            text("bold", 1),
            text(" and "),
            text("italic", 2),
            text(f" words of post {number}."),
        ),
        paragraph(f"The second paragraph of post {number}."),
        bullets("one", "two"),
        block("extended-quote", text("Quoted.")),
        CARDS[number % len(CARDS)],
        paragraph(f"The last paragraph of post {number}."),
    ]
    root = {"type": "root", "direction": "ltr", "format": "", "indent": 0, "version": 1, "children": children}
    return json.dumps({"root": root}, ensure_ascii=False)


def markdown_card(words):
    return json.dumps(
        {
            "version": "0.3.1",
            "markups": [],
            "atoms": [],
            "cards": [["markdown", {"markdown": words}]],
            "sections": [[10, 0]],
        }
    )


def mobiledoc(number):
    """Every third post as Ghost 2's own editor writes it, in sections; the others in one Markdown card."""
    words = [
        f"## Part {number}",
        f"The second paragraph of post {number}.",
        "- one\n- two",
        f"The last paragraph of post {number}.",
    ]
    if number % 3:
        return markdown_card("\n\n".join(words))
    sections = [
        [1, "h2", [[0, [], 0, f"Part {number}"]]],
        [1, "p", [[0, [], 0, "Some "], [0, [0], 1, "bold"], [0, [], 0, " words."]]],
        [1, "p", [[0, [], 0, f"The second paragraph of post {number}."]]],
        [3, "ul", [[[0, [], 0, "one"]], [[0, [], 0, "two"]]]],
        [10, 0],
        [1, "p", [[0, [], 0, f"The last paragraph of post {number}."]]],
    ]
    return json.dumps(
        {
            "version": "0.3.1",
            "markups": [["strong"]],
            "atoms": [],
            "cards": [["hr", {}]],
            "sections": sections,
        }
    )


class Told:
    """One real Ghost and one folder."""

    def __init__(self, ghost, root, monkeypatch, capsys):
        self.ghost, self.root = ghost, root
        self._run = (monkeypatch, capsys)
        self.lexical = ghost.recipe.major >= 5
        self.body = lexical if self.lexical else mobiledoc
        self.field = "lexical" if self.lexical else "mobiledoc"
        self.formats = f"formats={self.field}"

    def __call__(self, *arguments):
        return ghostsync(*self._run, "-C", self.root, *arguments)

    def path(self, slug, kind="posts"):
        return self.root / kind / f"{slug}.md"

    def edit_file(self, slug, old, new):
        file = self.path(slug)
        content = file.read_text()
        assert old in content
        file.write_text(content.replace(old, new))

    def in_ghost(self, slug):
        return self.ghost.api("GET", f"posts/slug/{slug}/?{self.formats}")["posts"][0]

    def edit_ghost(self, slug, old, new):
        seen = self.in_ghost(slug)
        assert old in seen[self.field]
        self.ghost.edit("posts", seen["id"], **{self.field: seen[self.field].replace(old, new)})

    def files(self):
        return {
            str(file.relative_to(self.root)): (file.read_bytes(), file.stat().st_mtime_ns)
            for kind in ("posts", "pages")
            for file in (self.root / kind).rglob("*.md")
        }


@pytest.fixture(params=GHOSTS)
def told(request, ghost_park, tmp_path, monkeypatch, capsys):
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    ghost = ghost_park.get(request.param)
    ghost.wipe()
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", ghost.key)
    root = tmp_path / "site"
    root.mkdir()
    (root / "ghostsync.toml").write_text(f'[site]\nurl = "{ghost.url}"\n')
    return Told(ghost, root, monkeypatch, capsys)


def write_sixty_five(told):
    for number in range(60):
        extra = {"tags": [{"name": f"tag {number % 4}"}], "featured": number % 7 == 0} if number % 2 else {}
        status = ["draft", "published"][number % 3 > 0]
        told.ghost.add(
            "posts",
            title=f"Post {number}",
            slug=f"post-{number}",
            status=status,
            **{told.field: told.body(number)},
            **extra,
        )
    for number in range(5):
        told.ghost.add(
            "pages", title=f"Page {number}", slug=f"page-{number}", **{told.field: told.body(number)}
        )


def test_sixty_posts_and_five_pages_come_down_and_one_sync_settles_edits_on_both_sides(told):
    write_sixty_five(told)
    ran = told("sync", "--json")
    assert ran.code == 0, ran
    assert ran.json["requests"].keys() == {"GET"}
    assert len(told.files()) == 65
    prose = told.path("post-3").read_text()
    assert "**bold**" in prose
    assert "- one\n- two" in prose
    assert told("status").code == 0

    told.edit_file("post-1", "The second paragraph", "The second, edited here,")
    told.edit_ghost("post-2", "The last paragraph", "The last, edited in Ghost,")
    told.edit_file("post-4", "The second paragraph", "The second, edited here,")
    told.edit_ghost("post-4", "The last paragraph", "The last, edited in Ghost,")
    shutil.move(told.path("post-5"), told.path("renamed-by-hand"))
    told.path("post-7").unlink()  # published: becomes a draft
    told.path("post-9").unlink()  # a draft that never was public: deleted
    gone = told.in_ghost("post-8")
    told.ghost.api("DELETE", f"posts/{gone['id']}/")
    seen_before = {f"post-{n}": told.in_ghost(f"post-{n}") for n in range(10, 60)}
    before = told.files()

    ran = told("sync", "--json")
    assert ran.code == 0, ran
    assert ran.json["requests"].get("POST", 0) == 0
    assert ran.json["requests"]["PUT"] == 3
    assert ran.json["requests"]["DELETE"] == 1
    after = told.files()
    for slug, here, there in (("post-1", True, False), ("post-2", False, True), ("post-4", True, True)):
        for words in (told.path(slug).read_text(), told.in_ghost(slug)[told.field]):
            assert ("edited here" in words) is here
            assert ("edited in Ghost" in words) is there
    assert told.in_ghost("post-7")["status"] == "draft"
    assert told.ghost.raw("GET", "posts/slug/post-9/").status_code == 404
    assert not told.path("post-8").exists()
    touched = {f"posts/post-{n}.md" for n in (1, 2, 4, 8)}
    assert {path: seen for path, seen in after.items() if path not in touched} == {
        path: seen for path, seen in before.items() if path not in touched
    }

    ran = told("sync", "--json")
    assert ran.code == 0, ran
    assert ran.json["requests"].keys() == {"GET"}
    assert told.files() == after
    for slug, seen in seen_before.items():
        assert told.in_ghost(slug) == seen
    assert told("status").code == 0


def test_a_file_made_here_looks_right_on_the_page_and_comes_home_unchanged(told):
    source = (
        "---\ntitle: Written here\ntags: [One, '#internal']\nstatus: published\nfeatured: true\n"
        "meta_description: About it.\n---\n\n# A heading\n\nA hard-wrapped\nparagraph with *stress*, **force** and\n"
        "`code`.\n\n1. first\n2. second\n\n> Quoted.\n\n```python\nprint(1)\n```\n\n| a | b |\n| - | - |\n| 1 | 2 |\n"
    )
    told.path("written-here").parent.mkdir()
    told.path("written-here").write_text(source)
    ran = told("sync", "--json")
    assert ran.code == 0, ran
    assert ran.json["requests"]["POST"] == 1
    page = told.ghost.api("GET", "posts/slug/written-here/?formats=html")["posts"][0]
    assert page["featured"] is True
    assert page["status"] == "published"
    for piece in (
        "<em>stress</em>",
        "<strong>force</strong>",
        "<li>first</li>",
        "<blockquote",
        "print(1)",
        "<td>1</td>",
    ):
        assert piece in page["html"], piece
    assert "<br" not in page["html"]
    with_id = told.path("written-here").read_text()
    assert with_id.replace(f"ghost_id: {page['id']}\n", "") == source
    assert told("sync").code == 0
    assert told.path("written-here").read_text() == with_id
