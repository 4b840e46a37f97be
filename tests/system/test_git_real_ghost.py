"""Commits of what people edit in a real Ghost: who did it, when, and what, from Ghost's own log."""

import contextlib
import json
import sqlite3
from datetime import datetime

import httpx
import pytest
from cli_runner import ENVIRONMENT, ghostsync
from daemon_process import eventually
from git_helpers import git, log, use_settings
from realghost.api import OWNER

GHOSTS = [
    pytest.param(version, marks=[pytest.mark.ghost], id=version)
    for version in ("6.65.0", "5.130.6", "4.48.9", "2.38.3")
]
ADA = {"id": "6b00000000000000000000ad", "name": "Ada Editor", "slug": "ada", "email": "ada@private.example"}


def hire(ghost):
    """A second person on the staff, who may do all that the owner may, with the owner's password."""
    with contextlib.closing(sqlite3.connect(ghost.database, timeout=30)) as connection, connection:
        if connection.execute("select 1 from users where id = ?", [ADA["id"]]).fetchone():
            return
        connection.row_factory = sqlite3.Row
        owner = dict(connection.execute("select * from users where email = ?", [OWNER["email"]]).fetchone())
        columns = owner | ADA
        marks = ", ".join("?" * len(columns))
        connection.execute(
            f"insert into users ({', '.join(columns)}) values ({marks})",  # noqa: S608
            list(columns.values()),
        )
        role = connection.execute("select id from roles where name = 'Administrator'").fetchone()[0]
        connection.execute(
            "insert into roles_users (id, role_id, user_id) values (?, ?, ?)",
            ["6b00000000000000000000ae", role, ADA["id"]],
        )


class Editor:
    """A person in Ghost's editor."""

    def __init__(self, ghost, email):
        self.ghost = ghost
        self.client = httpx.Client(base_url=ghost.url, headers={"Origin": ghost.url}, timeout=30)
        who = {"username": email, "password": OWNER["password"]}
        assert self.client.post(f"{ghost.recipe.api}session/", json=who).status_code == 201

    def call(self, method, path, body=None):
        answer = self.client.request(method, f"{self.ghost.recipe.api}{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def edit(self, id, **fields):
        """Some time after whatever was done to the post last, as a person is: Ghost counts in whole seconds."""
        seen = self.call("GET", f"posts/{id}/")["posts"][0]
        written = datetime.fromisoformat(seen["updated_at"])
        eventually(lambda: self.now() > written.timestamp())
        fields["updated_at"] = seen["updated_at"]
        return self.call("PUT", f"posts/{id}/", {"posts": [fields]})["posts"][0]

    def now(self):
        from email.utils import parsedate_to_datetime

        return parsedate_to_datetime(self.client.get("/").headers["Date"]).timestamp()


class Site:
    def __init__(self, ghost, root, *run):
        self.ghost = ghost
        self.root = root
        self._run = run
        self.people = []
        self.body = "lexical" if ghost.recipe.major >= 5 else "mobiledoc"
        formats = {"formats": self.body}
        self.query = "&".join(f"{key}={value}" for key, value in formats.items())

    def __call__(self, *arguments):
        return ghostsync(*self._run, "-C", self.root, *arguments)

    def editor(self, email):
        self.people.append(Editor(self.ghost, email))
        return self.people[-1]

    def post(self, slug):
        return self.ghost.api("GET", f"posts/slug/{slug}/?{self.query}")["posts"][0]

    def reworded(self, slug, old, new):
        body = self.post(slug)[self.body]
        assert old in body
        return {self.body: body.replace(old, new)}


@pytest.fixture(params=GHOSTS)
def site(request, ghost_park, tmp_path, monkeypatch, capsys):
    use_settings(monkeypatch)
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    ghost = ghost_park.get(request.param)
    ghost.wipe()
    hire(ghost)
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", ghost.key)
    root = tmp_path / "site"
    (root / "posts").mkdir(parents=True)
    (root / "ghostsync.toml").write_text(f'[site]\nurl = "{ghost.url}"\n')
    git(root, "init", "-q")
    (root / "posts/on-bees.md").write_text(
        "---\ntitle: On bees\nstatus: published\n---\nThe first swarm.\n\nThe second swarm.\n"
    )
    git(root, "add", ".")
    git(root, "commit", "-qm", "Set up")
    site = Site(ghost, root, monkeypatch, capsys)
    yield site
    for person in site.people:
        person.client.close()


def test_a_day_at_the_blog_reads_well_in_the_history(site):
    assert site("sync").code == 0
    bees = site.post("on-bees")["id"]
    ada, owner = site.editor(ADA["email"]), site.editor(OWNER["email"])
    edited = ada.edit(bees, **site.reworded("on-bees", "The second", "Another"))
    ran = site("sync", "--json")
    assert ran.code == 0, ran
    actions = site.ghost.recipe.major >= 3
    # Two probes or listings and site/, and one look at the log; more only where Ghost needs more for a look.
    if site.ghost.recipe.major >= 5:
        assert ran.json["requests"]["GET"] in {4, 5}  # 5 where the log was written late
    assert git(site.root, "status", "--porcelain") == ""
    newest = log(site.root, "%s|%an <%ae> %at")[0].split("|")
    assert newest[0] == "Edit 'On bees' (paragraph 2)"
    if actions:
        name, at = newest[1].rsplit(" ", 1)
        assert name == "Ada Editor <ada@users.noreply.127.0.0.1>"
        # The log's entry follows the post's own date by an instant, sometimes into the next second.
        assert 0 <= int(at) - datetime.fromisoformat(edited["updated_at"]).timestamp() <= 5
    else:
        assert newest[1].startswith("A Writer <writer@example.com>")
    ada.edit(bees, title="On honey bees")
    owner.edit(bees, tags=[{"name": "Bees"}])
    assert site("sync", "--full").code == 0
    assert log(site.root)[0] == "Edit 'On honey bees' (title, tags)"
    if actions:
        assert log(site.root, "%an|%(trailers:key=Co-authored-by,valueonly)")[0] == (
            "Owner|Ada Editor <ada@users.noreply.127.0.0.1>"
        )
    ada.call("DELETE", f"posts/{bees}/")
    assert site("sync").code == 0
    assert log(site.root, "%s|%an")[0] == (
        "Remove 'On honey bees' (deleted in Ghost)|" + ("Ada Editor" if actions else "A Writer")
    )
    assert log(site.root) == [
        "Remove 'On honey bees' (deleted in Ghost)",
        "Edit 'On honey bees' (title, tags)",
        "Edit 'On bees' (paragraph 2)",
        "Note the post of 'On bees'",
        "Set up",
    ]
    assert site("status").code == 0
    assert "private.example" not in git(site.root, "log", "--format=fuller")
    assert json.dumps(site.ghost.key) not in git(site.root, "log", "-p")
