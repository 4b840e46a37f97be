"""check from the command line: without network, key, state or any trace in the folder."""

import json
import socket

import pytest
from cli_runner import ghostsync
from pictures import png

GOOD = "---\ntitle: {title}\n---\nText.\n"


@pytest.fixture
def folder(tmp_path, monkeypatch, capsys):
    for name in ("GHOST_URL", "GHOST_ADMIN_API_KEY", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)

    def nobody(*_, **__):
        raise AssertionError("check must not use the network")

    monkeypatch.setattr(socket.socket, "connect", nobody)
    monkeypatch.setattr(socket, "getaddrinfo", nobody)

    class Folder:
        root = tmp_path / "blog"

        def write(self, path, text):
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
            return file

        def __call__(self, *arguments):
            return ghostsync(monkeypatch, capsys, "-C", self.root, "check", *arguments)

        def faults(self, *arguments):
            """(path, line, words) of each problem."""
            document = self(*arguments, "--json").json
            assert document["exit_code"] == (1 if document["problems"] else 0)
            return [(one["path"], one.get("line", 0), one["what"]) for one in document["problems"]]

        def fault(self, *arguments):
            [found] = self.faults(*arguments)
            return found

    folder = Folder()
    folder.write("ghostsync.toml", '[site]\nurl = "https://blog.example.com"\n')
    return folder


def test_a_folder_without_faults_is_all_right_and_stays_as_it_is(folder):
    folder.write("posts/a.md", GOOD.format(title="A"))
    folder.write("pages/b.md", GOOD.format(title="B"))
    before = sorted(folder.root.rglob("*"))
    ran = folder()
    assert (ran.code, ran.out) == (0, "2 documents checked, 0 problems.\n")
    assert sorted(folder.root.rglob("*")) == before


def test_each_fault_is_told_with_file_line_and_remedy(folder):
    folder.write("posts/a.md", "---\ntitle: A\nstatus: publishd\n---\nSee [that](gone.md).\n")
    ran = folder()
    assert ran.code == 1
    assert ran.out.splitlines()[0].startswith("posts/a.md:3: ")
    assert "  -> " in ran.out
    assert "posts/a.md:5: " in ran.out
    assert ran.out.splitlines()[-1] == "1 document checked, 2 problems."


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("---\ntitle: A\nstatus: publishd\n---\n", 3, "publishd"),
        ("---\ntitle: A\nvisibility: everybody\n---\n", 3, "everybody"),
        ("---\ntitle: A\ntags: {a: b}\n---\n", 3, "tags"),
        ("---\ntitle: A\npublished_at: someday\n---\n", 3, "someday"),
        ("---\ntitle: A\nfeatured: perhaps\n---\n", 3, "featured"),
        ("---\ntitle: [never\n---\n", 3, ""),
        (f"---\ntitle: {'x' * 256}\n---\n", 2, "255"),
        ("---\ntitle: A\nstatus: scheduled\n---\n", 3, "scheduled"),
        ("---\ntitle: A\nghost_id: nonsense\n---\n", 3, "nonsense"),
        ("---\ntitle: A\nnewsletter: weekly\n---\n", 3, "e-mail"),
        ("---\ntitle: A\n---\nOne.\n<<<<<<< HEAD\nTwo.\n=======\nThree.\n>>>>>>> main\n", 5, "conflict"),
        (b"---\ntitle: A\n---\nCaf\xe9\n", 4, "UTF-8"),
        ("---\ntitle: A\n", 1, "no end"),
    ],
)
def test_front_matter_and_text_that_a_sync_would_not_send_are_faults(folder, text, line, words):
    folder.write("posts/a.md", text)
    path, at, what = folder.fault()
    assert (path, at) == ("posts/a.md", line)
    assert words in what


def test_a_newsletter_that_the_configuration_allows_is_none(folder):
    folder.write("posts/a.md", "---\ntitle: A\nnewsletter: weekly\n---\n")
    folder.write(
        "ghostsync.toml", '[site]\nurl = "https://blog.example.com"\n[newsletter]\nallow = ["weekly"]\n'
    )
    assert folder.faults() == []


def test_what_only_ghost_can_tell_is_left_to_it(folder):
    folder.write("posts/a.md", "---\ntitle: A\nauthors: [nobody]\nvisibility: tiers\ntiers: [gold]\n---\n")
    folder.write("posts/b.md", f"---\ntitle: B\nghost_id: {'b' * 24}\n---\n")
    assert folder.faults() == []


def test_one_id_in_two_files_is_a_fault_of_both_at_its_line(folder):
    for name in ("a", "b"):
        folder.write(f"posts/{name}.md", f"---\ntitle: {name}\nghost_id: {'c' * 24}\n---\n")
    assert [fault[:2] for fault in folder.faults()] == [("posts/a.md", 3), ("posts/b.md", 3)]


@pytest.mark.parametrize("first", ["", f"ghost_id: {'d' * 24}\n"])
@pytest.mark.parametrize("second", ["", f"ghost_id: {'e' * 24}\n"])
def test_one_slug_in_two_files_is_a_fault(folder, first, second):
    folder.write("pages/a.md", f"---\ntitle: A\nslug: bees\n{first}---\n")
    folder.write("posts/b.md", f"---\ntitle: B\nslug: bees\n{second}---\n")
    [(path, line, what)] = folder.faults()
    assert (path, line) in {("pages/a.md", 3), ("posts/b.md", 3)}
    assert 'the slug "bees" belongs to' in what


def test_two_new_files_of_one_name_would_get_one_slug(folder):
    folder.write("posts/x/bees.md", GOOD.format(title="A"))
    folder.write("posts/y/bees.md", GOOD.format(title="B"))
    assert folder.fault()[0] == "posts/y/bees.md"


def test_names_that_differ_in_case_only_are_a_fault(folder):
    folder.write("posts/Bees.md", "---\ntitle: A\nslug: one\n---\n")
    folder.write("posts/bees.md", "---\ntitle: B\nslug: two\n---\n")
    path, _, what = folder.fault()
    assert path == "posts/bees.md"
    assert "upper and lower case" in what


def test_links_that_lead_nowhere_are_faults_at_their_lines(folder):
    folder.write("pages/about.md", GOOD.format(title="About"))
    folder.write(
        "posts/a.md",
        "---\ntitle: A\n---\nA gone.md in words, `[x](gone.md)` in code.\n\n"
        "[x](../pages/about.md) [[about]] [web](https://x.example/gone.md) [site](/about/) [me](mailto:a@b.example)\n\n"
        "A [dead](gone.md) link\nand [[nobody]] and [a file](talk.pdf) and\n\n![[hive.png]]\n",
    )
    assert [(line, what.split(",")[0]) for _, line, what in folder.faults()] == [
        (8, "links to gone.md"),
        (9, "links to nobody"),
        (9, "links to talk.pdf"),
        (11, "shows hive.png"),
    ]


def test_parts_of_other_documents_are_those_that_ghost_gives_its_headings(folder):
    folder.write(
        "posts/b.md",
        '# The Title\n\n## Über *uns*: `code` & more!\n\ntext\n\n## Twice\n\n## Twice\n\n<a id="own"></a>Text\n',
    )
    good = [
        "über-uns-code-more",
        "%C3%BCber-uns-code-more",
        "twice",
        "twice-1",
        "own",
        "/portal",
        ":~:text=x",
    ]
    folder.write(
        "posts/a.md",
        "\n".join(f"[x](b.md#{part})" for part in good)
        + "\n[[b#Twice]] [[b#^block]] [[b#Über *uns*: code & more!]]\n"
        + "[x](b.md#the-title)\n[x](b.md#twice-2)\n[[b#Thrice]]\n[x](gone.md#part)\n",
    )
    told = [(line, what) for _, line, what in folder.faults()]
    assert [line for line, _ in told] == [9, 10, 11, 12]
    assert told[0][1] == "links to b.md#the-title, but that document has no such part"
    assert told[3][1].startswith("links to gone.md, which")


def test_missing_and_unusable_pictures_are_faults(folder):
    folder.write("media/hive.png", png())
    (folder.root / "media/broken.png").symlink_to(folder.root / "media/hive.png")
    folder.write(
        "posts/a.md",
        "---\ntitle: A\nfeature_image: ../media/gone.jpg\n---\n![](../media/hive.png)\n\n![](../media/lost.png)\n\n"
        "![](../media/broken.png)\n",
    )
    told = folder.faults()
    assert [line for _, line, _ in told] == [3, 7, 9]
    assert "shows ../media/lost.png, and there is no such file" in told[1][2]


def test_pictures_are_nobodys_business_where_the_configuration_leaves_paths_alone(folder):
    folder.write("ghostsync.toml", '[site]\nurl = "https://blog.example.com"\n[media]\nupload = false\n')
    folder.write("posts/a.md", "![](../media/lost.png)\n")
    assert folder.faults() == []


def test_a_wrong_key_hides_no_dead_link(folder):
    folder.write("posts/a.md", "---\ntitle: A\nstatus: publishd\n---\n[x](gone.md) ![](lost.png)\n")
    assert [line for _, line, _ in folder.faults()] == [3, 5, 5]


def test_what_cannot_be_read_is_a_fault(folder, tmp_path):
    target = tmp_path / "elsewhere.md"
    target.write_text("Text.\n")
    (folder.root / "posts").mkdir()
    (folder.root / "posts/link.md").symlink_to(target)
    folder.write("posts/a.md", "Text.\n")
    (folder.root / "posts/linked").symlink_to(tmp_path)
    told = [(path, what) for path, _, what in folder.faults()]
    assert told == [("posts/link.md", "is a symbolic link"), ("posts/linked", "is a symbolic link")]


def test_paths_narrow_what_is_reported_and_all_is_read_all_the_same(folder, monkeypatch):
    folder.write("posts/a.md", "[x](b.md) [x](gone.md)\n")
    folder.write("posts/deep/b.md", "[x](../a.md) [x](gone.md)\n")
    folder.write("pages/c.md", "[x](gone.md)\n")
    assert {path for path, _, _ in folder.faults("posts/deep")} == {"posts/deep/b.md"}
    assert {path for path, _, _ in folder.faults("pages/c.md", folder.root / "posts/a.md")} == {
        "pages/c.md",
        "posts/a.md",
    }
    monkeypatch.chdir(folder.root / "posts")
    assert {path for path, _, _ in folder.faults("deep/b.md")} == {"posts/deep/b.md"}
    assert len(folder.faults(".")) == 3
    ran = folder("posts/nobody.md")
    assert (ran.code, "no document lies there" in ran.err) == (2, True)


def test_without_a_configuration_it_is_an_error_of_usage(folder):
    (folder.root / "ghostsync.toml").unlink()
    assert folder().code == 2


def test_it_speaks_to_ci(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    folder.write("posts/a.md", "---\ntitle: A\n---\n[x](gone.md)\n")
    for name in ("b", "c"):
        folder.write(f"posts/{name}.md", f"---\ntitle: {name}\nghost_id: {'c' * 24}\n---\n")
    report = tmp_path / "quality.json"
    ran = folder("--code-quality", report)
    annotations = [line for line in ran.out.splitlines() if line.startswith("::")]
    assert [line.partition(",title")[0] for line in annotations] == [
        "::error file=posts/a.md,line=4",
        "::error file=posts/b.md,line=3",
        "::error file=posts/c.md,line=3",
    ]
    assert [issue["location"]["lines"]["begin"] for issue in json.loads(report.read_text())] == [4, 3, 3]
    assert "3 documents checked, 3 problems" in (tmp_path / "summary.md").read_text()
