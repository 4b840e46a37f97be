"""authors.yaml and settings.yaml: copies of what Ghost has, which nobody's edit changes and nothing secret is in."""

import json
import shutil

import pytest
import yaml
from cli_runner import sandbox_blog


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        blog.configure("[site_files]\nauthors = true\nsettings = true\n")
        owner(blog).update(bio="Keeps bees.\nAnd writes.", location="Linz", email="owner@example.com")
        assert blog("sync").code == 0
        yield blog


def owner(blog):
    return next(iter(blog.ghost.store.users.values()))


def settled(blog):
    before = (blog.read("authors.yaml"), blog.read("settings.yaml"))
    times = [(blog.root / name).stat().st_mtime_ns for name in ("authors.yaml", "settings.yaml")]
    ran = blog("sync")
    assert ran.code == 0, ran
    assert (blog.read("authors.yaml"), blog.read("settings.yaml")) == before
    assert [(blog.root / name).stat().st_mtime_ns for name in ("authors.yaml", "settings.yaml")] == times


def test_people_come_down_with_what_the_site_shows_of_them_and_no_address(blog):
    owner(blog)["profile_image"] = "//www.gravatar.com/avatar/5658ffccee7f0ebfda2b226238b1eb6e?s=250"
    blog.ghost.store.add_user("Ada", "ada@example.com")["profile_image"] = (
        f"{blog.url}/content/images/ada.png"
    )
    assert blog("sync").code == 0
    assert yaml.safe_load(blog.read("authors.yaml")) == [
        {"slug": "ada", "name": "Ada", "profile_image": "/content/images/ada.png"},
        {"slug": "owner", "name": "Owner", "bio": "Keeps bees.\nAnd writes.", "location": "Linz"},
    ]
    assert "@" not in blog.read("authors.yaml")
    settled(blog)


def test_settings_come_down_without_anything_that_is_a_secret(blog):
    blog.ghost.settings |= {
        "password": "sesame",
        "mailgun_api_key": "key-1234",
        "stripe_secret_key": "sk_live_1",
        "some_new_token": "t0ken",
        "codeinjection_head": "<script>\n  go();\n</script>",
    }
    assert blog("sync").code == 0
    told = yaml.safe_load(blog.read("settings.yaml"))
    assert told["title"] == "Sandbox"
    assert told["navigation"] == [{"label": "Home", "url": "/"}, {"label": "About", "url": "/about/"}]
    assert told["is_private"] is False
    assert told["codeinjection_head"] == "<script>\n  go();\n</script>"
    for secret in ("sesame", "key-1234", "sk_live_1", "t0ken", blog.ghost.settings["public_hash"]):
        assert secret not in blog.read("settings.yaml")
    settled(blog)


def test_a_change_in_ghost_comes_down_and_nothing_else_is_rewritten(blog):
    before = blog.read("settings.yaml")
    owner(blog)["bio"] = "Sells honey."
    ran = blog("sync")
    assert "update file  authors.yaml  (changed in Ghost)" in ran.out
    assert "bio: Sells honey." in blog.read("authors.yaml")
    assert blog.read("settings.yaml") == before
    settled(blog)


def test_they_cost_a_request_each_and_none_in_a_push(blog):
    before = len(blog.ghost.requests)
    blog("sync")
    assert len(blog.ghost.requests) - before == 5
    before = len(blog.ghost.requests)
    blog("push")
    assert [
        seen.path for seen in blog.ghost.requests[before:] if "users" in seen.path or "settings" in seen.path
    ] == []


def test_what_a_person_edits_is_put_back_with_the_text_in_history_and_a_note(blog):
    before = blog.read("authors.yaml")
    blog.write("authors.yaml", before.replace("Linz", "Graz"))
    assert "edited here: put back" in blog("status").out
    assert "Graz" in blog.read("authors.yaml")
    ran = blog("pull")
    assert ran.code == 0
    assert (
        "note: authors.yaml is a copy of what Ghost has, and what was edited in it was put back." in ran.err
    )
    assert blog.read("authors.yaml") == before
    [version] = blog("history", "authors.yaml", "--json").json["versions"]
    assert (version["side"], version["why"]) == ("local", "put back")
    ran = blog("diff", "authors.yaml", "--version", version["number"], "--json")
    assert "Graz" in ran.json["then"]
    ran = blog("restore", "authors.yaml", "--version", version["number"])
    assert (ran.code, "would not last" in ran.err) == (2, True)
    assert blog("resolve", "authors.yaml", "--use", "local").code == 2
    assert (
        blog("restore", "authors.yaml", "--version", version["number"], "--to", "remote", "--yes").code == 2
    )
    assert blog("diff", "authors.yaml").code == 2
    settled(blog)


def test_a_clone_does_not_call_a_change_in_ghost_somebodys_edit(blog):
    shutil.rmtree(blog.root / ".ghostsync")
    owner(blog)["bio"] = "Sells honey."
    assert "update file  authors.yaml  (it is not what Ghost has)" in blog("status").out
    ran = blog("sync")
    assert "bio: Sells honey." in blog.read("authors.yaml")
    assert "note: authors.yaml is a copy of what Ghost has, but said something else" in ran.err
    assert "edited here" not in ran.out
    [version] = blog("history", "authors.yaml", "--json").json["versions"]
    assert version["side"] == "local"
    settled(blog)


def test_an_edit_is_put_back_with_what_ghost_has_by_now(blog):
    blog.write("authors.yaml", blog.read("authors.yaml").replace("Linz", "Graz"))
    owner(blog)["location"] = "Wien"
    ran = blog("sync")
    assert "was put back" in ran.err
    assert "location: Wien" in blog.read("authors.yaml")


def test_a_file_that_vanished_is_written_anew_and_one_that_was_there_is_kept_in_history(blog):
    (blog.root / "authors.yaml").unlink()
    assert blog("sync").code == 0
    assert "Linz" in blog.read("authors.yaml")
    blog.configure('[site_files]\nauthors = "people.yaml"\n')
    blog.write("people.yaml", "my own notes\n")
    assert blog("sync").code == 0
    [version] = blog("history", "people.yaml", "--json").json["versions"]
    assert (
        blog("diff", "people.yaml", "--version", version["number"], "--json").json["then"] == "my own notes\n"
    )


def test_line_ends_are_no_edit(blog):
    blog.write("authors.yaml", blog.read("authors.yaml").replace("\n", "\r\n"))
    data = (blog.root / "authors.yaml").read_bytes()
    ran = blog("sync")
    assert "put back" not in ran.err
    assert (blog.root / "authors.yaml").read_bytes() == data


def test_a_halt_stops_them_too(blog):
    blog.ghost.site_uuid = "00000000-0000-4000-8000-000000000000"
    owner(blog)["bio"] = "Somebody else"
    before = blog.read("authors.yaml")
    assert blog("sync").code == 5
    assert blog.read("authors.yaml") == before


def test_a_link_in_the_place_of_a_file_is_a_problem_and_nothing_behind_it_is_written(blog, tmp_path):
    outside = tmp_path / "outside.yaml"
    outside.write_text("mine\n")
    (blog.root / "authors.yaml").unlink()
    (blog.root / "authors.yaml").symlink_to(outside)
    ran = blog("sync")
    assert ran.code == 1
    assert "authors.yaml" in ran.out
    assert outside.read_text() == "mine\n"


def test_a_ghost_that_does_not_tell_its_settings_is_a_problem_with_a_way_out(blog):
    blog.ghost.refuses = {"settings"}
    ran = blog("sync", "--json")
    assert ran.code == 1
    [problem] = ran.json["actions"]
    assert (problem["verb"], problem["path"]) == ("problem", "settings.yaml")
    assert "settings = false" in problem["errors"][0]["remedy"]
    assert blog("status").code == 1
    blog.ghost.refuses = set()
    settled(blog)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('tags = "../tags.yaml"', "a path inside the folder"),
        ('tags = "tags.md"', "ends in .yaml or .yml"),
        ('tags = ".git/tags.yaml"', "begins with a dot"),
        ("tags = 3", "valid string"),
        ('tags = "Authors.yaml"\nauthors = true', "the same path"),
        ("labels = true", "is not a setting"),
    ],
)
def test_a_wrong_setting_is_refused(blog, text, told):
    blog.configure(f"[site_files]\n{text}\n")
    ran = blog("sync", "--json")
    assert ran.code == 2
    assert told in json.loads(ran.out)["error"]["what"]
