"""The tale of two writers and one editor: branches, pull requests, merges, edits in Ghost in between, and a fresh clone for each
run of CI; on a real Ghost, with a local repository for the server.
"""

import json

import pytest
from git_helpers import git
from git_place import Editor, Place, tools_in
from repositories import clone

POSTS = ("bees", "wasps", "honey", "wax", "swarms", "hives", "queens", "drones")


def text(name, status="published"):
    parts = "\n\n".join(f"Part {number} of {name} is about bees." for number in range(1, 5))
    return f"---\ntitle: Of {name}\nstatus: {status}\n---\n{parts}\n"


class Tale(Place):
    def __init__(self, ghost, root):
        super().__init__(ghost, tools_in(root), root)
        self.requests = []
        self.people = {}
        for name in ("Ada", "Ben"):
            person = self.people[name] = clone(self.remote, root / name)
            person("config", "user.name", name)

    def pull_request(self, name, subject, **files):
        """A branch with a commit for each file, merged on the server's side."""
        person = self.people[name]
        identity = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in (("NAME", name), ("EMAIL", f"{name.lower()}@example.com"))
        }
        person("fetch", "-q")
        person("checkout", "-q", "-B", "work", "origin/main")
        for path, content in files.items():
            where = f"posts/{path}.md"
            if content is None:
                person("rm", "-q", where)
            elif callable(content):
                person.write(where, content(person.read(where)))
            else:
                person.write(where, content)
            person("add", "--all")
            git(person.root, "commit", "-qm", f"{subject}: {path}", env=identity)
        person("checkout", "-q", "-B", "main", "origin/main")
        git(person.root, "merge", "-q", "--no-ff", "-m", f"Merge: {subject}", "work", env=identity)
        person("push", "-q", "origin", "main")

    def run(self, code=0):
        done = self.ci("ghostsync sync --git-push --json", GITHUB_REF="refs/heads/main")
        report = json.loads(done.stdout)
        assert done.returncode == code, (done.stdout, done.stderr)
        self.requests.append(sum(report["requests"].values()))
        return report

    def body(self, slug):
        return self.post(slug)["lexical"]

    def file(self, name, where="posts"):
        return git(self.remote, "show", f"main:{where}/{name}.md")


@pytest.fixture
def tale(ghost6, tmp_path):
    ghost6.wipe()
    return Tale(ghost6, tmp_path)


def test_two_writers_and_an_editor_end_with_both_sides_equal_and_a_history_that_reads_well(tale, ghost6):
    tale.push()
    editor = Editor(ghost6)
    for number, name in enumerate(POSTS):
        # Two commits and a merge each; after every other one the editor has changed an older post.
        person = ("Ada", "Ben")[number % 2]
        half = text(name).replace(f"\n\nPart 4 of {name} is about bees.", "")
        tale.pull_request(person, f"Begin {name}", **{name: half})
        tale.pull_request(person, f"Finish {name}", **{name: text(name)})
        if number % 2 and number > 1:
            editor.change(POSTS[number - 2], "Part 2", "The second part")
        tale.run()
    assert [tale.post(name)["status"] for name in POSTS] == ["published"] * 8

    # A writer and the editor in different paragraphs: both arrive on both sides.
    tale.pull_request("Ada", "Improve bees", bees=lambda old: old.replace("Part 1", "The first part"))
    editor.change("bees", "Part 3", "The third part")
    tale.run()
    for words in ("The first part", "The third part"):
        assert words in tale.body("bees")
        assert words in tale.file("bees")

    # The same words: a conflict that touches neither, until a writer settles it with both in mind.
    tale.pull_request("Ben", "Sharpen wax", wax=lambda old: old.replace("Part 1 of wax", "All about wax"))
    editor.change("wax", "Part 1 of wax", "Nothing but wax")
    report = tale.run(code=1)
    assert [action["verb"] for action in report["actions"] if action["path"] == "posts/wax.md"] == [
        "conflict"
    ]
    assert "All about wax" in tale.file("wax")
    assert "Nothing but wax" in tale.body("wax")
    tale.pull_request("Ben", "Settle wax", wax=lambda old: old.replace("All about wax", "Nothing but wax"))
    tale.run()
    tale.pull_request(
        "Ben", "Reword wax", wax=lambda old: old.replace("Nothing but wax", "All about nothing but wax")
    )
    tale.run()
    assert "All about nothing but wax" in tale.body("wax")

    # A rename, which the site does not see; a removal on each side.
    id = tale.post("honey")["id"]
    honey = tale.file("honey")
    tale.pull_request("Ada", "File honey away", **{"honey": None, "sweet/honey": honey})
    tale.run()
    assert tale.post("honey")["id"] == id
    tale.pull_request("Ben", "Take hives down", hives=None)
    editor.delete("drones")
    tale.run()
    assert tale.post("hives")["status"] == "draft"
    assert "posts/drones.md" not in git(tale.remote, "ls-tree", "-r", "--name-only", "main").splitlines()

    # An editor goes back to an older text on purpose, while a writer goes on elsewhere.
    editor.change("wasps", "The second part", "Part 2")
    tale.pull_request("Ada", "Improve wasps", wasps=lambda old: old.replace("Part 4", "The last part"))
    tale.run()
    assert "Part 2" in tale.body("wasps")
    assert "The last part" in tale.body("wasps")

    # Both sides are equal, nothing is left to do, and one more run is three requests.
    tale.run()
    before = git(tale.remote, "rev-parse", "main")
    report = tale.run()
    assert report["in_step"]
    assert report["requests"] == {"GET": 3}
    assert git(tale.remote, "rev-parse", "main") == before
    slugs = sorted(post["slug"] for post in ghost6.api("GET", "posts/?limit=100")["posts"])
    assert slugs == sorted(set(POSTS) - {"drones"})
    subjects = git(tale.remote, "log", "--format=%s|%an", "main").splitlines()
    assert len([line for line in subjects if not line.startswith("Merge: ")]) >= 30
    assert any("Of bees" in line and line.endswith("|Owner") for line in subjects)
    assert "Remove 'Of drones' (deleted in Ghost)|Owner" in subjects
    (tale.root / "requests.txt").write_text(f"{tale.requests}\n")  # for whoever looks with --basetemp
    editor.close()
