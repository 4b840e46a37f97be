"""Links between files: which file a link means, what stands in its place, and the way back."""

import pytest

from ghostsync.content.linking import Book, Place, Use, in_files, linked, readdressed
from ghostsync.content.linking.anchors import heading_id

SITE = "https://blog.example.com/"
ME = "posts/me.md"
BOOK = Book(
    [
        Place("posts/me.md", "0", SITE + "me/"),
        Place("posts/other.md", "1", SITE + "other/"),
        Place("posts/2026/deep.md", "2", SITE + "deep/"),
        Place("posts/with blank.md", "3", SITE + "with-blank/"),
        Place("posts/straße (neu).md", "4", SITE + "strasse/"),
        Place("pages/other.md", "5", SITE + "other-page/"),
        Place("posts/bundle/index.md", "6", SITE + "bundle/"),
        Place("posts/draft.md", "7", SITE + "draft/", public=False),
        Place("posts/long.markdown", "8", SITE + "long/"),
    ],
    site_url=SITE,
)


def put(text, path=ME, before=None):
    return linked(text, path, BOOK, before).text


def back(text, author=None, path=ME):
    return in_files(text, path, BOOK, linked(author, path, BOOK) if author is not None else None)


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("[a](other.md)", "[a](URLother/)"),
        ("[a](./other.md)", "[a](URLother/)"),
        ("[a](../posts/other.md)", "[a](URLother/)"),
        ("[a](/posts/other.md)", "[a](URLother/)"),
        ("[a](/pages/other.md)", "[a](URLother-page/)"),
        ("[a](../pages/other.md#part)", "[a](URLother-page/#part)"),
        ("[a](2026/deep.md)", "[a](URLdeep/)"),
        ("[a](long.markdown)", "[a](URLlong/)"),
        ("[a](with%20blank.md)", "[a](URLwith-blank/)"),
        ("[a](<with blank.md>)", "[a](URLwith-blank/)"),
        ("[a](<with blank.md#a b>)", "[a](<URLwith-blank/#a b>)"),
        ("[a](stra%C3%9Fe%20%28neu%29.md)", "[a](URLstrasse/)"),
        ("[a](<stra\u00dfe (neu).md>)", "[a](URLstrasse/)"),
        ("[a](<strasse.md>)", "[a](<strasse.md>)"),
        ('[a]( other.md "Title")', '[a]( URLother/ "Title")'),
        ("[*a* `b`](other.md)", "[*a* `b`](URLother/)"),
        ("[![alt](other.md)](other.md)", "[![alt](other.md)](URLother/)"),
        ("[a][r]\n\n[r]: other.md 'x'", "[a][r]\n\n[r]: URLother/ 'x'"),
        ("[a]: <with blank.md>", "[a]: URLwith-blank/"),
        ("> [a\n> b](other.md)", "> [a\n> b](URLother/)"),
        ("| a |\n|---|\n| [a](other.md) |", "| a |\n|---|\n| [a](URLother/) |"),
        ('<a href="other.md">a</a>', '<a href="URLother/">a</a>'),
        (
            "<div>\n<a class=\"x\" href='other.md#y'>a</a>\n</div>",
            "<div>\n<a class=\"x\" href='URLother/#y'>a</a>\n</div>",
        ),
        ("[[other]]", "[other](URLother/)"),
        ("[[Other|the other]]", "[the other](URLother/)"),
        ("[[other.md]]", "[other.md](URLother/)"),
        ("[[other#A part, or two|x]]", "[x](URLother/#a-part-or-two)"),
        ("[[other#Part]]", "[other > Part](URLother/#part)"),
        ("[[other#^1a2b|x]]", "[x](URLother/)"),
        ("[[pages/other|x]]", "[x](URLother-page/)"),
        ("[[deep]]", "[deep](URLdeep/)"),
        ("[[bundle]]", "[bundle](URLbundle/)"),
        ("| a |\n|---|\n| [[deep\\|x]] |", "| a |\n|---|\n| [x](URLdeep/) |"),
        ("[a](draft.md)", "[a](URLdraft/)"),
    ],
)
def test_a_link_to_a_file_leads_to_its_post(link, address):
    made = (
        linked(f"Look: {link}\n", ME, BOOK)
        if link[0] not in "|><[" or link.startswith("[[")
        else linked(link + "\n", ME, BOOK)
    )
    assert made.text.removeprefix("Look: ").rstrip("\n") == address.replace("URL", SITE)
    assert in_files(made.text, ME, BOOK, made) == made.source


@pytest.mark.parametrize(
    "text",
    [
        "`[a](other.md)`",
        "    [a](other.md)",
        "```\n[a](other.md) [[other]]\n```",
        "\\[a](other.md) \\[[other]]",
        "![a](other.md) ![[other]]",
        "<!-- [[other]] <a href='other.md'> -->",
        "$[[other]]$",
        "[a](https://example.com/other.md)",
        "[a](//example.com/other.md)",
        "[a](mailto:other.md)",
        "[a](other.txt) [a](#part) [a](/about/)",
        "[a](../../other.md) [[nobody]] [a](gone.md)",
        "[[other]](https://example.com/)",
        "<https://example.com/other.md>",
    ],
)
def test_what_is_no_link_to_a_document_stays(text):
    assert put(text) == text


def test_what_leads_nowhere_is_named():
    made = linked(
        "[a](gone.md#x) [b](../../out.md) [[nobody]] [c](other.md) [d](https://x.example/y.md)", ME, BOOK
    )
    assert made.missing == ("gone.md", "../../out.md", "[[nobody]]")


@pytest.mark.parametrize(
    ("near", "id"), [("posts/me.md", "1"), ("pages/me.md", "5"), ("posts/2026/deep.md", "1")]
)
def test_of_several_files_of_one_name_a_wikilink_means_the_nearest(near, id):
    assert linked("[[other]]", near, BOOK).uses == {"[[other]]": Use(id, BOOK.by_id(id).address)}


def test_a_link_whose_file_is_gone_leads_where_it_led():
    before = {"renamed.md": Use("1", SITE + "was/"), "deleted.md": Use("99", SITE + "deleted/")}
    text = "[a](renamed.md) [b](deleted.md)"
    assert put(text, before=before) == f"[a]({SITE}other/) [b]({SITE}deleted/)"


def test_the_address_of_a_draft_is_a_guess_that_never_moves_a_link():
    before = {"draft.md": Use("7", SITE + "elsewhere/draft/")}
    assert put("[a](draft.md)", before=before) == f"[a]({SITE}elsewhere/draft/)"


@pytest.mark.parametrize(
    ("path", "way"),
    [
        (ME, "other.md"),
        ("posts/2026/deep.md", "../other.md"),
        ("pages/about.md", "../posts/other.md"),
        ("top.md", "posts/other.md"),
    ],
)
def test_a_link_made_in_ghost_becomes_a_relative_path(path, way):
    assert back(f"[a]({SITE}other/#x)\n", path=path) == f"[a]({way}#x)\n"


def test_a_path_that_a_link_cannot_hold_is_percent_encoded():
    assert back(f"[a]({SITE}with-blank/)") == "[a](with%20blank.md)"
    assert back(f"[a]({SITE}strasse/)") == "[a](straße%20%28neu%29.md)"


@pytest.mark.parametrize("address", ["tag/x/", "draft/", "other", "other/?ref=x", "content/images/x.md"])
def test_an_address_that_is_no_public_documents_stays(address):
    assert back(f"[a]({SITE}{address})") == f"[a]({SITE}{address})"


def test_a_link_that_the_author_wrote_as_an_address_stays_one():
    author = f"[a]({SITE}other/) and [b](2026/deep.md)\n\nMore.\n"
    changed = put(author).replace("More", "Less").replace(" and ", " or ")
    assert back(changed, author) == author.replace("More", "Less").replace(" and ", " or ")


def test_each_link_of_an_edited_line_keeps_its_own_spelling():
    author = "[a](other.md) [b](./other.md) [[other#A Part|c]] [d](../posts/other.md#x)\n"
    assert back(put(author) + "\nNew.\n", author) == author + "\nNew.\n"
    assert back("More: " + put(author), author) == "More: " + author


def test_a_wikilink_whose_words_change_in_ghost_stays_one():
    assert back(f"x [the new words]({SITE}other/) y", "[[other]]") == "x [[other|the new words]] y"


def test_a_moved_line_takes_its_spelling_along():
    author = "One [a](./other.md)\n\nTwo [[deep]]\n"
    moved = "\n\n".join(reversed(put(author).rstrip("\n").split("\n\n"))) + "\n"
    assert back(moved, author) == "Two [[deep]]\n\nOne [a](./other.md)\n"


def test_code_that_looks_like_the_authors_line_is_not_touched():
    author = "[a](other.md)\n"
    text = put(author)
    assert put(back(f"{text}\n```\n{text}```\n", author)) == f"{text}\n```\n{text}```\n"


@pytest.mark.parametrize(
    ("heading", "major", "id"),
    [
        ("A Part, or two!", 6, "a-part-or-two"),
        ("Über uns", 5, "%C3%BCber-uns"),
        ("C++ & C#", 4, "c-c"),
        ("A Part, or two!", 3, "a-part-or-two-"),
    ],
)
def test_a_fragment_is_the_id_that_ghost_gives_the_heading(heading, major, id):
    assert heading_id(heading, major) == id


def test_a_body_is_told_with_the_address_of_today():
    root = {
        "root": {
            "children": [
                {"type": "link", "url": f"{SITE}old/#x"},
                {"type": "html", "html": f'<a href="{SITE}old/">'},
                {"type": "text", "text": f"{SITE}old/"},
                {"type": "link", "url": f"{SITE}old/er/"},
            ]
        }
    }
    one, two, three, four = readdressed(root, {f"{SITE}old/": f"{SITE}new/"})["root"]["children"]
    assert (one["url"], two["html"]) == (f"{SITE}new/#x", f'<a href="{SITE}new/">')
    assert (three["text"], four["url"]) == (f"{SITE}old/", f"{SITE}old/er/")
    assert readdressed(root, {f"{SITE}none/": "x"}) is root
