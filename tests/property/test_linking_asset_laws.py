"""Whatever the files are called: pictures survive the way to Ghost and back, and edits on the way."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ghostsync.content.linking import Asset, Book, in_files, linked
from ghostsync.content.linking.assets import way

SITE = "https://blog.example.com/"
ME = "posts/2026/me.md"

names = st.text("aB é(%#[]&'!.-_~+,;=:@ß日\"", min_size=1, max_size=8).map(
    lambda name: name.strip(" .") or "x"
)
words = st.text("ab *_`[]()!<>\\&#\n-=", max_size=10)
TYPES = {
    ".png": ("images", {"mimeType": "image/png", "width": 3, "height": 2}),
    ".svg": ("images", {"mimeType": "image/svg+xml"}),
    ".mp3": ("media", {"mimeType": "audio/mpeg", "duration": 1.5}),
    ".mp4": ("media", {"mimeType": "video/mp4", "width": 3, "height": 2, "duration": 9}),
    ".pdf": ("files", {"mimeType": "application/pdf", "fileName": "a b.pdf", "fileSize": 7}),
}


class Shelf:
    def __init__(self, assets):
        self.files = {asset.path: asset for asset in assets}
        self.addresses = {asset.address: asset for asset in assets}

    def at(self, path):
        return self.files.get(path)

    def named(self, name, near):
        return next(
            (self.files[path] for path in sorted(self.files) if f"/{path}".endswith(f"/{name}")), None
        )

    def facts(self, content):
        return {}

    def behind(self, address):
        return self.addresses.get(address)


@st.composite
def shelves(draw):
    paths = draw(
        st.lists(
            st.builds(
                lambda folders, name, suffix: "/".join([*folders, name + suffix]),
                st.lists(names, max_size=2).map(
                    lambda parts: ["posts", "2026", *parts][: draw(st.integers(0, 4))]
                ),
                names,
                st.sampled_from(sorted(TYPES)),
            ),
            min_size=1,
            max_size=6,
            unique_by=str.casefold,
        )
    )
    assets = []
    for number, path in enumerate(paths):
        suffix = path[path.rindex(".") :]
        kind, facts = TYPES[suffix]
        address = f"{SITE}content/{kind}/2026/01/{number}{suffix}"
        assets.append(Asset(path, str(number), address, facts))
    return Book(site_url=SITE, assets=Shelf(assets)), assets


@st.composite
def uses(draw, assets):
    asset = draw(st.sampled_from(assets))
    target = way(asset.path, ME)
    name = asset.path.rpartition("/")[2]
    embed = f"![[{name}]]" if not set(name) & set("[]|#\\\n") else "x"
    comment = draw(
        st.sampled_from(
            ["", "<!--file-->", "<!--audio-->", "<!--video loop=true-->", "<!--cardWidth=wide-->"]
        )
    )
    html = target if not set(target) & set("&'\"<>") else "x"
    form = draw(
        st.sampled_from(
            [
                f"![alt]({target}){comment}",
                f"[text]({target}){comment}",
                f"[![alt]({target})](https://a.example/){comment}",
                f"![alt]({asset.address}){comment}",
                f"![alt]({asset.address})<!--width=3 height=2-->",
                f"[text]({asset.address})<!--video mimeType=video/mp4 width=3 height=2 duration=9-->",
                f'<img src="{html}">',
                f"\n\n[r{asset.content}]: {target}\n\n",
                embed,
            ]
        )
    )
    around = draw(st.sampled_from(["", "\n\n", "\n"]))
    return around + form + around


@st.composite
def texts(draw, assets):
    return "".join(draw(st.lists(st.one_of(words, uses(assets), st.just("\n\n")), max_size=10)))


@settings(deadline=None)  # a busy machine is no defect
@given(st.data())
def test_every_file_can_be_referred_to_from_every_document(data):
    book, assets = data.draw(shelves())
    asset = data.draw(st.sampled_from(assets))
    assert linked(f"a [a]({way(asset.path, ME)})", ME, book).text == f"a [a]({asset.address})"


@settings(deadline=None)  # a busy machine is no defect
@given(st.data())
def test_a_body_that_comes_back_unchanged_is_the_file_to_the_byte(data):
    book, assets = data.draw(shelves())
    text = data.draw(texts(assets))
    made = linked(text, ME, book)
    assert in_files(made.text, ME, book, made) == text


@settings(deadline=None)  # a busy machine is no defect
@given(st.data())
def test_a_body_edited_in_ghost_reads_as_it_was_edited(data):
    """Lines come, go and move; what is written into the file leads to the very same addresses."""
    book, assets = data.draw(shelves())
    made = linked(data.draw(texts(assets)), ME, book)
    lines = made.text.split("\n") + data.draw(texts(assets)).split("\n")
    edited = "\n".join(data.draw(st.lists(st.sampled_from(lines), max_size=12)))
    edited = linked(edited, ME, book, made.uses).text
    spelled = in_files(edited, ME, book, made)
    assert linked(spelled, ME, book, made.uses).text == edited


@settings(deadline=None)  # a busy machine is no defect
@given(st.data())
def test_a_new_document_has_paths_for_all_that_the_folder_has(data):
    book, assets = data.draw(shelves())
    pictures = [asset for asset in assets if asset.path.endswith(".png")]
    chosen = data.draw(st.lists(st.sampled_from(pictures or assets), min_size=1, max_size=4))
    text = "\n\n".join(
        f"![a]({asset.address})<!--width=3 height=2-->" if asset in pictures else f"x [a]({asset.address})"
        for asset in chosen
    )
    spelled = in_files(text, ME, book)
    assert SITE not in spelled
    assert linked(spelled, ME, book).text == text
