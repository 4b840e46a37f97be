"""The sample blog with all its pictures, sounds, films and papers on real Ghosts: up, on the page, and down again."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import httpx
import pytest
from cli_runner import ENVIRONMENT, ghostsync

from ghostsync.content.media_names import kind_of, stored_name
from ghostsync.model import MediaKind

SAMPLE = Path(__file__).parents[2] / "sample_site"
GHOSTS = [pytest.param(version, marks=pytest.mark.ghost, id=version) for version in ("6.65.0", "5.130.6")]
BLANKS_IN_CARDS = {"price list.pdf"}
SHOWN = re.compile(r"""[^\s"'(),<>&]*/content/(?:images|media|files)/[^\s"'(),<>&]+""")


class Folder:
    """A folder that is kept in step with a real Ghost."""

    def __init__(self, ghost, root, monkeypatch, capsys):
        self.ghost, self.root = ghost, root
        self._run = (monkeypatch, capsys)
        root.mkdir(exist_ok=True)
        settings = f'[site]\nurl = "{ghost.url}"\n[media]\npull = "download"\n'
        (root / "ghostsync.toml").write_text(settings, encoding="utf-8")

    def __call__(self, *arguments):
        return ghostsync(*self._run, "-C", self.root, *arguments)

    def another(self, root):
        return Folder(self.ghost, root, *self._run)

    def files(self):
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in self.root.rglob("*.*")
            if path.is_file() and ".ghostsync" not in path.parts
        }

    def media(self):
        return {path: data for path, data in self.files().items() if path.startswith("media/")}

    def assert_sends_nothing(self):
        """A sync that reads, and writes on neither side."""
        files = self.files()
        ran = self("sync", "--full", "--json")
        assert ran.code == 0, ran
        assert set(ran.json["requests"]) <= {"GET", "HEAD"}
        assert self.files() == files


def stored(path):
    """The name under which Ghost has a file of the sample."""
    return stored_name(kind_of(path), path.rpartition("/")[2])


def sha(data):
    return hashlib.sha256(data).hexdigest()


def documents(ghost):
    for kind in ("posts", "pages"):
        yield from ghost.api("GET", f"{kind}/?limit=100&formats=html")[kind]


def nodes(ghost, *types):
    """All cards of these types."""
    found = []
    for kind in ("posts", "pages"):
        for document in ghost.api("GET", f"{kind}/?limit=100&formats=lexical")[kind]:
            found += [n for n in json.loads(document["lexical"])["root"]["children"] if n["type"] in types]
    return found


def page_of(ghost, document):
    """What a reader's browser gets; of drafts and what is scheduled, the preview."""
    place = f"{document['slug']}/" if document["status"] == "published" else f"p/{document['uuid']}/"
    answer = httpx.get(f"{ghost.url}/{place}", trust_env=False, follow_redirects=True)
    assert answer.status_code == 200, document["slug"]
    return answer.text


def shown_in(html):
    """Addresses of the site's files: of pictures in every size that a browser may choose."""
    return set(SHOWN.findall(html))


@pytest.fixture(params=GHOSTS)
def sample(request, ghost_park, tmp_path, monkeypatch, capsys):
    """The sample blog, after its first sync."""
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    ghost = ghost_park.get(request.param)
    ghost.wipe()
    for kind in MediaKind:  # what others have sent would give the sample's files numbers
        shutil.rmtree(ghost.content / kind, ignore_errors=True)
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", ghost.key)
    shutil.copytree(SAMPLE, tmp_path / "first")
    folder = Folder(ghost, tmp_path / "first", monkeypatch, capsys)
    ran = folder("sync", "--json")
    assert ran.code == 0, ran
    return folder


def test_every_file_is_on_the_page_and_can_be_fetched(sample):
    ghost, shown, galleries = sample.ghost, set(), []
    for document in documents(ghost):
        page = page_of(ghost, document)
        # What only members see is in no page of a stranger; the editor's own rendering has it.
        shown |= shown_in(page) | shown_in(document["html"] or "")
        galleries += re.findall(
            r'<figure class="kg-card kg-gallery-card.*?</figure>', document["html"] or "", re.DOTALL
        )
    sizes = {}
    for address in shown:
        answer = httpx.get(httpx.URL(f"{ghost.url}/").join(address), trust_env=False)
        assert (answer.status_code, bool(answer.content)) == (200, True), address
        sizes[address.rpartition("/")[2]] = len(answer.content)
    names = {}
    for path, data in sample.media().items():
        names.setdefault(sha(data), set()).add(stored(path))
    assert [known for known in names.values() if known.isdisjoint(sizes)] == []
    assert len(galleries) == 4
    for gallery in galleries:
        pictures = re.findall(r"<img [^>]*>", gallery)
        assert len(pictures) in {2, 3, 4}
        assert all(re.search(r' width="\d+" height="\d+"', picture) for picture in pictures), gallery


def test_a_second_folder_gets_every_file_as_it_was_sent_and_sends_nothing(sample, tmp_path):
    second = sample.another(tmp_path / "second")
    ran = second("sync", "--json")
    assert ran.code == 0, ran
    assert set(ran.json["requests"]) <= {"GET", "HEAD"}
    sent = {sha(data) for data in sample.media().values()}
    came = second.media()
    assert sorted(sha(data) for data in came.values()) == sorted(sent)  # once for its bytes
    own = {(path.rpartition("/")[2], sha(data)) for path, data in sample.media().items()}
    names = own | {(stored(path), sha(data)) for path, data in sample.media().items()}
    came_as = {(path.rpartition("/")[2], sha(data)) for path, data in came.items()}
    assert came_as <= names
    told = {node["fileName"] for node in nodes(sample.ghost, "file", "video")}
    in_cards = {(name, content) for name, content in own if name in told}
    assert {name for name, _ in in_cards if name != stored(name)} == BLANKS_IN_CARDS
    assert in_cards <= came_as  # Ghost keeps these names, blanks and all
    assert not any("/content/" in path.read_text(encoding="utf-8") for path in second.root.rglob("*.md"))
    second.assert_sends_nothing()
    sample.assert_sends_nothing()

    for folder in (second, sample):
        shutil.rmtree(folder.root / ".ghostsync")
        folder.assert_sends_nothing()
        folder.assert_sends_nothing()
