"""Tags, people, settings, themes and routes on real Ghosts: edited on either side, in step in the end."""

import pytest
import yaml
from cli_runner import ENVIRONMENT, ghostsync
from themes import tiny_theme

GHOSTS = [
    pytest.param(version, marks=pytest.mark.ghost, id=version) for version in ("6.65.0", "5.130.6", "2.38.3")
]
NEWER = GHOSTS[:2]


class Folder:
    def __init__(self, ghost, root, monkeypatch, capsys):
        self.ghost, self.root = ghost, root
        self._run = (monkeypatch, capsys)
        root.mkdir()
        settings = "settings = true\n" if ghost.recipe.major >= 5 else ""
        text = f'[site]\nurl = "{ghost.url}"\n[site_files]\ntags = true\nauthors = true\n{settings}'
        (root / "ghostsync.toml").write_text(text, encoding="utf-8")

    def __call__(self, *arguments):
        return ghostsync(*self._run, "-C", self.root, *arguments)

    def read(self, name):
        return (self.root / name).read_text(encoding="utf-8")

    def write(self, name, text):
        (self.root / name).parent.mkdir(exist_ok=True)
        (self.root / name).write_text(text, encoding="utf-8")

    def tags(self):
        return {tag["slug"]: tag for tag in self.ghost.api("GET", "tags/?limit=100")["tags"]}

    def settled(self):
        files = {path: path.read_bytes() for path in self.root.glob("*.yaml")}
        ran = self("sync", "--full", "--json")
        assert ran.code == 0, ran
        assert set(ran.json["requests"]) == {"GET"}
        assert {path: path.read_bytes() for path in self.root.glob("*.yaml")} == files


@pytest.fixture
def folder(request, ghost_park, tmp_path, monkeypatch, capsys):
    ghost = ghost_park.get(request.param)
    ghost.wipe()
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", ghost.key)
    return Folder(ghost, tmp_path / "blog", monkeypatch, capsys)


@pytest.mark.parametrize("folder", GHOSTS, indirect=True)
def test_the_tale_of_a_tag(folder):
    """Made with a post, described here and there, renamed on both sides, taken off, deleted."""
    ghost = folder.ghost
    folder.write("posts/roses.md", "---\ntitle: Roses\ntags: [Garden, '#series']\n---\n\nRed ones.\n")
    assert folder("sync").code == 0
    folder.settled()
    id = folder.tags()["garden"]["id"]
    text = folder.read("tags.yaml")
    folder.write(
        "tags.yaml", "# mine\n" + text.replace("slug: garden", "slug: garden  # stays\n  description: Here")
    )
    ghost.api("PUT", f"tags/{id}/", {"tags": [{"name": "Garden", "meta_title": "There"}]})
    assert folder("sync").code == 0
    tag = folder.tags()["garden"]
    assert (tag["description"], tag["meta_title"]) == ("Here", "There")
    assert "meta_title: There" in folder.read("tags.yaml")
    folder.settled()

    [post] = ghost.api("GET", "posts/")["posts"]
    folder.write(
        "tags.yaml",
        folder.read("tags.yaml")
        .replace("name: Garden", "name: Gardening")
        .replace("slug: garden", "slug: beds"),
    )
    folder.write("posts/roses.md", folder.read("posts/roses.md").replace("[Garden,", "[Bees, Garden,"))
    ran = folder("sync", "--json")
    assert ran.code == 0, ran
    assert folder.tags()["beds"]["id"] == id
    assert sorted(folder.tags()) == ["beds", "bees", "hash-series"]
    [post] = ghost.api("GET", "posts/?include=tags")["posts"]
    assert [tag["name"] for tag in post["tags"]] == ["Bees", "Gardening", "#series"]
    assert "[Bees, Gardening," in folder.read("posts/roses.md")
    assert "name: Bees" in folder.read("tags.yaml")
    folder.settled()

    ghost.api("PUT", f"tags/{id}/", {"tags": [{"name": "Plots"}]})
    assert folder("sync").code == 0
    assert "[Bees, Plots," in folder.read("posts/roses.md")
    assert "name: Plots" in folder.read("tags.yaml")
    folder.settled()

    entries = folder.read("tags.yaml").split("\n- ")
    kept = "\n- ".join(entry for entry in entries if "slug: beds" not in entry)
    folder.write("tags.yaml", kept.rstrip("\n") + "\n")
    ran = folder("sync")
    assert ran.code == 1
    assert "1 post still has it" in ran.out
    folder.write("posts/roses.md", folder.read("posts/roses.md").replace("Plots, ", ""))
    ran = folder("sync")
    assert ran.code == 0, ran
    assert sorted(folder.tags()) == ["bees", "hash-series"]
    folder.settled()
    number = folder("history", "tags.yaml", "--json").json["versions"][0]["number"]
    assert folder("restore", "tags.yaml", "--version", number).code == 0
    assert folder("sync").code == 0
    back = folder.tags()["beds"]
    assert (back["name"], back["description"]) == ("Plots", "Here")
    folder.settled()


@pytest.mark.parametrize("folder", GHOSTS, indirect=True)
def test_a_field_is_cleared_and_a_hash_hides_and_shows_a_tag(folder):
    made = folder.ghost.api(
        "POST", "tags/", {"tags": [{"name": "News", "description": "Old", "feature_image": "/a.png"}]}
    )
    assert folder("sync").code == 0
    text = folder.read("tags.yaml")
    assert "feature_image: /a.png" in text
    folder.write("tags.yaml", text.replace("  description: Old\n", "").replace("name: News", 'name: "#News"'))
    assert folder("sync").code == 0
    tag = folder.tags()["news"]
    assert (tag["description"], tag["visibility"], tag["id"]) == (None, "internal", made["tags"][0]["id"])
    folder.settled()
    folder.write("tags.yaml", folder.read("tags.yaml").replace('name: "#News"', "name: News"))
    assert folder("sync").code == 0
    assert folder.tags()["news"]["visibility"] == "public"
    folder.settled()


@pytest.mark.parametrize("folder", NEWER, indirect=True)
def test_people_and_settings_are_copied_without_secrets(folder):
    assert folder("sync").code == 0
    assert "owner" in {person["slug"] for person in yaml.safe_load(folder.read("authors.yaml"))}
    told = yaml.safe_load(folder.read("settings.yaml"))
    rows = {row["key"]: row["value"] for row in folder.ghost.api("GET", "settings/")["settings"]}
    assert (told["title"], told["active_theme"]) == (rows["title"], rows["active_theme"])
    assert rows["public_hash"] not in folder.read("settings.yaml")
    assert "@example.com" not in folder.read("authors.yaml") + folder.read("settings.yaml")
    folder.settled()


@pytest.mark.parametrize("folder", NEWER, indirect=True)
def test_a_theme_is_sent_and_its_faults_are_told_by_file_and_line(folder, tmp_path):
    root = tiny_theme(tmp_path)
    ran = folder("theme", "push", root, "--activate", "--json")
    try:
        assert (ran.code, ran.json["active"]) == (0, True), ran
    finally:
        folder.ghost.api("PUT", "themes/source/activate/")
    (root / "post.hbs").write_text("{{!< default}}\n{{#post}}\n{{#if title}}\n{{/post}}\n")
    ran = folder("theme", "push", root)
    assert ran.code == 1
    assert f"fatal    {root}/post.hbs:3: Templates must contain valid Handlebars" in ran.out


@pytest.mark.parametrize("folder", NEWER, indirect=True)
def test_routes_and_redirects_go_there_and_back_with_a_staff_token(folder, monkeypatch):
    assert folder("routes", "pull", "routes.yaml").code == 0
    before = folder.read("routes.yaml")
    folder.write("routes.yaml", before.replace("/tag/{slug}/", "/topic/{slug}/"))
    assert folder("routes", "push", "routes.yaml").code == 3
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", folder.ghost.staff_access_token())
    try:
        assert folder("routes", "push", "routes.yaml").code == 0
        assert folder("routes", "pull", "again.yaml").code == 0
        assert "/topic/{slug}/" in folder.read("again.yaml")
    finally:
        folder.write("routes.yaml", before)
        assert folder("routes", "push", "routes.yaml").code == 0
    folder.write("redirects.yaml", "301:\n  /old/: /new/\n")
    assert folder("redirects", "push", "redirects.yaml").code == 0
    moved = folder.ghost._client.get("/old/", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (301, "/new/")
    folder.write("redirects.yaml", "301: {}\n302: {}\n")
    assert folder("redirects", "push", "redirects.yaml").code == 0
