import datetime as dt
import tempfile
import unicodedata
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ghostsync.config import FolderSection
from ghostsync.folder.layout import Layout
from ghostsync.folder.local import LocalFolder
from ghostsync.folder.names import fold, name_for
from ghostsync.folder.paths import split
from ghostsync.model import Kind
from ghostsync.sync.model import ABSENT

PATTERNS = [
    "posts/{slug}.md",
    "posts/{title}.md",
    "posts/{title}/index.md",
    "posts/{year}/{month}-{day}-{slug}.markdown",
    "posts/{kind}/{slug}/{title}{slug}.md",
    "posts/x{title}.md",
]
# Whatever a hostile Ghost may send: separators, dots, reserved names, controls, halves of surrogate pairs, length.
HOSTILE = st.one_of(
    st.text(max_size=400),
    st.text(alphabet="./\\ \0\n:-~#$%con", max_size=30),
    st.sampled_from(
        [
            "..",
            "../../x",
            "nul",
            "COM1.md",
            "a.conflict",
            "node_modules",
            "x" * 5000,
            "é" * 300,
            "👩‍👩‍👧" * 90,
        ]
    ),
)
DATES = st.dates(min_value=dt.date(1, 1, 1))


@settings(deadline=None, max_examples=50)  # it writes files, on a disk that may be slow
@given(pattern=st.sampled_from(PATTERNS), slug=HOSTILE, title=HOSTILE, date=DATES)
@example(pattern="posts/{slug}.md", slug="../../../etc/passwd", title="", date=dt.date(2024, 1, 1))
def test_every_name_stays_inside_can_be_created_and_is_found_again(pattern, slug, title, date):
    path = name_for(pattern, slug=slug, title=title, kind=Kind.POST, date=date)
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory) / "root"
        root.mkdir()
        folder = LocalFolder(root, FolderSection(posts=pattern))
        path = folder.free_path(path, [])
        written = folder.write(path, b"x", expected_sha=ABSENT)
        assert [file.path for file in folder.scan({}).files] == [written.path]
        assert not folder.scan({}).errors
        assert [entry.name for entry in Path(directory).iterdir()] == ["root"]
        assert (root / path).resolve().is_relative_to(root.resolve())


@given(pattern=st.sampled_from(PATTERNS), slug=HOSTILE, title=HOSTILE, date=DATES)
def test_every_name_suits_other_systems_too(pattern, slug, title, date):
    path = name_for(pattern, slug=slug, title=title, kind=Kind.POST, date=date)
    assert path == unicodedata.normalize("NFC", path)
    assert path.count("/") == pattern.count("/")
    assert Layout(FolderSection(posts=pattern)).is_document(path)
    for part in split(path):
        assert len(part.encode()) <= 200
        assert part == part.strip(" .")
        assert not set(part) & set('/\\:*?"<>|')
        assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in part)
        assert part.split(".")[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}


@given(st.text())
def test_folding_is_stable_and_blind_to_case_and_normalisation(text):
    assert fold(fold(text)) == fold(text)
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


@given(
    st.lists(st.sampled_from(["posts/a.md", "posts/A.md", "posts/a-2.md", "posts/é.md", "posts/e\u0301.md"]))
)
def test_names_handed_out_never_collide_on_any_system(wanted):
    with tempfile.TemporaryDirectory() as directory:
        names = LocalFolder(Path(directory), FolderSection()).free_names()
        given_out = [names.claim(path) for path in wanted]
    assert len({fold(path) for path in given_out}) == len(wanted)
