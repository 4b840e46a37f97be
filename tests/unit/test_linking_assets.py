"""Pictures, sounds and files of the folder in a text: what stands in Ghost for them, and what comes back."""

from fnmatch import fnmatch

import pytest

from ghostsync.content.linking import Asset, Book, Place, Use, in_files, linked

SITE = "https://blog.example.com/"
ME = "posts/me.md"
ADDRESS = SITE + "content/images/2026/01/"


class Shelf:
    """Some files, each in Ghost already."""

    def __init__(self, *assets):
        self.files = {asset.path: asset for asset in assets}

    def at(self, path):
        return self.files.get(path)

    def named(self, name, near):
        return next((asset for path, asset in self.files.items() if fnmatch(f"/{path}", f"*/{name}")), None)

    def facts(self, content):
        return {}

    def behind(self, address):
        return next((asset for asset in self.files.values() if asset.address == address), None)


def picture(path, name, **facts):
    facts = {"mimeType": "image/png", "width": 1200, "height": 800, **facts}
    return Asset(path, f"sha of {path}", ADDRESS + name, facts)


SHELF = Shelf(
    picture("posts/bees.png", "bees.png"),
    picture("media/hive.png", "hive.png"),
    picture("media/two words.png", "two-words.png"),
    picture("media/straße (neu).png", "stra---e--neu-.png"),
    picture("media/plain.svg", "plain.svg", width=None, height=None),
    Asset(
        "media/talk.mp3",
        "sha of talk",
        SITE + "content/media/2026/01/talk.mp3",
        {"mimeType": "audio/mpeg", "duration": 12.5, "fileSize": 9, "fileName": "talk.mp3"},
    ),
    Asset(
        "media/film.mp4",
        "sha of film",
        SITE + "content/media/2026/01/film.mp4",
        {"mimeType": "video/mp4", "width": 640, "height": 360, "duration": 3, "fileSize": 9},
    ),
    Asset(
        "media/report.pdf",
        "sha of report",
        SITE + "content/files/2026/01/report.pdf",
        {"mimeType": "application/pdf", "fileName": "report.pdf", "fileSize": 77},
    ),
)
BOOK = Book([Place("posts/other.md", "1", SITE + "other/")], site_url=SITE, assets=SHELF)
SIZE = "<!--width=1200 height=800-->"

PAIRS = [
    ("![A bee](bees.png)", f"![A bee](IMGbees.png){SIZE}"),
    ("![A bee](./bees.png)", f"![A bee](IMGbees.png){SIZE}"),
    ('![A bee](bees.png "In May")', f'![A bee](IMGbees.png "In May"){SIZE}'),
    ("![](../media/hive.png)", f"![](IMGhive.png){SIZE}"),
    ("![](/media/hive.png)", f"![](IMGhive.png){SIZE}"),
    ("![](../media/two%20words.png)", f"![](IMGtwo-words.png){SIZE}"),
    ("![](<../media/two words.png>)", f"![](<IMGtwo-words.png>){SIZE}"),
    ("![](<../media/straße (neu).png>)", f"![](<IMGstra---e--neu-.png>){SIZE}"),
    ("![](../media/plain.svg)", "![](IMGplain.svg)"),
    (
        "![](bees.png)\n![](../media/hive.png)\n*Both*",
        f"![](IMGbees.png){SIZE}\n![](IMGhive.png){SIZE}\n*Both*",
    ),
    ("![](bees.png)<!--width=9 height=9-->", "![](IMGbees.png)<!--width=9 height=9-->"),
    ("![](bees.png)<!--cardWidth=wide-->", "![](IMGbees.png)<!--width=1200 height=800 cardWidth=wide-->"),
    ("[![alt](bees.png)](https://a.example/)", f"[![alt](IMGbees.png)](https://a.example/){SIZE}"),
    (
        "[![alt](bees.png)](../media/hive.png)<!--cardWidth=full-->",
        "[![alt](IMGbees.png)](IMGhive.png)<!--width=1200 height=800 cardWidth=full-->",
    ),
    ("[![alt](bees.png)](other.md)", f"[![alt](IMGbees.png)](URLother/){SIZE}"),
    ("Look at ![this](bees.png) now.", "Look at ![this](IMGbees.png) now."),
    ("- ![](bees.png)", "- ![](IMGbees.png)"),
    ("![a][b]\n\n[b]: bees.png", "![a][b]\n\n[b]: IMGbees.png"),
    ("[The report](../media/report.pdf)", "[The report](FILreport.pdf)"),
    ("[Page 2](../media/report.pdf#page=2)", "[Page 2](FILreport.pdf#page=2)"),
    (
        "[The report](../media/report.pdf)<!--file-->",
        "[The report](FILreport.pdf)<!--file fileName=report.pdf fileSize=77-->",
    ),
    (
        "[Talk](../media/talk.mp3)<!--audio thumbnailSrc=bees.png-->",
        "[Talk](MEDtalk.mp3)<!--audio mimeType=audio/mpeg duration=12.5 thumbnailSrc=IMGbees.png-->",
    ),
    (
        "[Film](../media/film.mp4)<!--video loop=true-->",
        "[Film](MEDfilm.mp4)<!--video mimeType=video/mp4 width=640 height=360 duration=3 loop=true-->",
    ),
    (
        "[Film](../media/film.mp4)<!--video duration=3.04-->",
        "[Film](MEDfilm.mp4)<!--video mimeType=video/mp4 width=640 height=360 duration=3.04-->",
    ),
    ("![[bees.png]]", f"![bees.png](IMGbees.png){SIZE}"),
    ("![[hive.png|300]]", f"![hive.png](IMGhive.png){SIZE}"),
    ("![[hive.png|The hive]]", f"![The hive](IMGhive.png){SIZE}"),
    ("Look: ![[bees.png]]", "Look: ![bees.png](IMGbees.png)"),
    ("![[talk.mp3]]", "[talk.mp3](MEDtalk.mp3)<!--audio mimeType=audio/mpeg duration=12.5-->"),
    ("![[report.pdf]]", "[report.pdf](FILreport.pdf)<!--file fileName=report.pdf fileSize=77-->"),
    ('<img src="bees.png" alt="x">', '<img src="IMGbees.png" alt="x">'),
    (
        "<video controls src='../media/film.mp4' poster=\"bees.png\"></video>",
        "<video controls src='MEDfilm.mp4' poster=\"IMGbees.png\"></video>",
    ),
    (
        "```ghost product\nproductImageSrc: bees.png\nproductTitle: bees.png\n```",
        "```ghost product\nproductImageSrc: IMGbees.png\nproductTitle: bees.png\n```",
    ),
    (
        '```ghost header\nbackgroundImageSrc: "../media/two words.png"\n```',
        "```ghost header\nbackgroundImageSrc: IMGtwo-words.png\n```",
    ),
]


def in_full(text):
    text = text.replace("IMG", ADDRESS).replace("URL", SITE)
    return text.replace("MED", SITE + "content/media/2026/01/").replace(
        "FIL", SITE + "content/files/2026/01/"
    )


@pytest.mark.parametrize(
    "text",
    [
        "[Film](ATfilm.mp4)<!--video thumbnailSrc=ATbees.png-->",
        "```ghost product\nproductImageSrc: ATbees.png\n```",
    ],
)
def test_a_property_comes_home_from_a_site_with_a_port(text):
    at = "http://127.0.0.1:2368/content/images/2026/01/"
    shelf = Shelf(*(Asset(f"media/{name}", name, at + name) for name in ("bees.png", "film.mp4")))
    book = Book(site_url="http://127.0.0.1:2368/", assets=shelf)
    spelled = in_files(text.replace("AT", at), ME, book)
    assert spelled == text.replace("AT", "../media/")
    assert linked(spelled, ME, book).text == text.replace("AT", at)


@pytest.mark.parametrize(("source", "sent"), PAIRS)
def test_a_file_of_the_folder_is_sent_as_its_address_with_what_its_card_must_know(source, sent):
    assert linked(source, ME, BOOK).text == in_full(sent)


@pytest.mark.parametrize(("source", "sent"), PAIRS)
def test_what_comes_back_unchanged_is_the_file_to_the_byte(source, sent):
    author = linked(source, ME, BOOK)
    assert in_files(author.text, ME, BOOK, author) == source


@pytest.mark.parametrize(("source", "sent"), PAIRS)
def test_in_a_new_file_addresses_become_paths_that_lead_to_the_same(source, sent):
    spelled = in_files(in_full(sent), ME, BOOK)
    assert SITE + "content" not in spelled
    # What tells a card apart may be spelled otherwise, and means the same.
    again = linked(spelled, ME, BOOK).text
    assert again.replace("<", "").replace(">", "") == in_full(sent).replace("<", "").replace(">", "")


@pytest.mark.parametrize(
    "text",
    [
        "![](https://elsewhere.example/bees.png)",
        "![](//elsewhere.example/bees.png)",
        f"![]({ADDRESS}unknown.png)",
        "![](/content/images/2026/01/bees.png)",
        "![](/assets/bees.png)",
        "`![](bees.png)`",
        "    ![](bees.png)",
        "```\n![](bees.png)\n```",
        "<!-- <img src='bees.png'> -->",
        "\\![[bees.png]]",
        "[About](about/)",
        "[Nothing](nothing.pdf)",
        "![[nothing.png]]",
        "```yaml\nproductImageSrc: bees.png\n```",
        "[top](#bees.png)",
    ],
)
def test_what_means_no_file_of_the_folder_stays(text):
    assert linked(text, ME, BOOK).text == text
    assert linked(text, ME, BOOK).lost == ()


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("![](gone.png)", "gone.png"),
        ("![](../gone.png)", "../gone.png"),
        ("![](../../outside.png)", "../../outside.png"),
        ("text ![a](gone.png) text", "gone.png"),
        ('<img src="gone.png">', "gone.png"),
        ("```ghost product\nproductImageSrc: gone.png\n```", "gone.png"),
    ],
)
def test_a_picture_that_is_not_there_is_told(text, lost):
    made = linked(text, ME, BOOK)
    assert made.lost == (lost,)
    assert made.text == text
    assert made.missing == ()


def test_a_picture_that_was_removed_after_it_was_sent_keeps_its_address():
    before = {"gone.png": Use("sha256:1", ADDRESS + "gone.png")}
    made = linked("![](gone.png)", ME, BOOK, before)
    assert made.lost == ()
    assert made.text == f"![]({ADDRESS}gone.png)"


def test_a_picture_that_changed_has_its_new_address():
    before = {"bees.png": Use("sha256:1", ADDRESS + "old.png")}
    assert linked("![](bees.png)", ME, BOOK, before).uses == {
        "bees.png": Use("sha256:sha of posts/bees.png", ADDRESS + "bees.png")
    }


def test_a_file_with_the_same_bytes_as_before_stays_at_the_address_it_had():
    """Ghost may have them twice, and a post must not change from one to the other by itself."""
    before = {"bees.png": Use("sha256:sha of posts/bees.png", ADDRESS + "bees-1.png")}
    assert linked("![](bees.png)", ME, BOOK, before).text == f"![]({ADDRESS}bees-1.png){SIZE}"


def test_where_the_body_does_not_become_cards_nothing_is_told_of_sizes():
    made = linked("![](bees.png)", ME, BOOK, dress=False)
    assert made.text == f"![]({ADDRESS}bees.png)"
    assert in_files(made.text, ME, BOOK, made) == "![](bees.png)"


def test_an_image_that_has_another_size_in_ghost_says_so_in_the_file():
    spelled = in_files(f"![]({ADDRESS}bees.png)<!--width=600 height=400-->", ME, BOOK)
    assert spelled == "![](bees.png)<!--width=600 height=400-->"


def test_a_picture_that_an_editor_adds_comes_down_as_a_path_and_the_rest_stays():
    author = linked("![[bees.png]]\n\nText.", ME, BOOK)
    edited = author.text + f"\n\n![Hive]({ADDRESS}hive.png){SIZE}"
    assert in_files(edited, ME, BOOK, author) == "![[bees.png]]\n\nText.\n\n![Hive](../media/hive.png)"


def test_the_files_of_a_text_are_told():
    made = linked("![](bees.png)\n\n[x](../media/report.pdf)", ME, BOOK)
    assert [asset.path for asset in made.assets] == ["posts/bees.png", "media/report.pdf"]
