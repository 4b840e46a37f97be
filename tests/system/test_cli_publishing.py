"""theme, routes and redirects, as a person types them."""

import pytest
from cli_runner import sandbox_blog
from themes import tiny_theme

from ghostsync.sandbox.ghost import ROUTES

BROKEN = "<body>\n\n{{#post}}\n{{#if x}}\n{{content}}\n{{/post}}\n</body>\n"
TOPICS = ROUTES.replace("/tag/", "/topic/")


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        yield blog


@pytest.fixture
def staff(blog, monkeypatch):
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", blog.ghost.staff_access_token)
    return blog


def test_a_theme_is_sent_and_made_active_on_request(blog, tmp_path):
    root = tiny_theme(tmp_path)
    ran = blog("theme", "push", root)
    assert ran.code == 0, ran
    assert "theme tiny 1.2.0: 5 files," in ran.out
    assert "is not active; --activate makes it so" in ran.out
    assert blog.ghost.themes["tiny"]["partials/card.hbs"] == '<a href="{{url}}">{{title}}</a>\n'
    ran = blog("theme", "push", root, "--activate", "--json")
    assert (ran.code, ran.json["uploaded"], ran.json["active"]) == (0, True, True)
    assert blog.ghost.settings["active_theme"] == "tiny"
    assert (ran.json["fatal"], ran.json["errors"], ran.json["warnings"]) == ([], [], [])


def test_what_ghost_dislikes_is_shown_by_file_and_line_and_the_exit_code_is_1(blog, tmp_path):
    root = tiny_theme(tmp_path, post_hbs=BROKEN)
    ran = blog("theme", "push", root, "--activate")
    assert ran.code == 1
    assert f"fatal    {root}/post.hbs:4: Templates must contain valid Handlebars" in ran.out
    assert "GS005-TPL-ERR: https://ghost.org/docs/themes/" in ran.out
    assert 'Ghost does not take the theme "tiny"' in ran.out
    assert "tiny" not in blog.ghost.themes
    [error] = blog("theme", "push", root, "--json").json["fatal"]
    assert (error["subject"], error["line"]) == (f"{root}/post.hbs", 4)


def test_a_dry_run_sends_nothing_and_tells_the_size(blog, tmp_path):
    ran = blog("theme", "push", tiny_theme(tmp_path), "--dry-run", "--json", "--exclude", "*.css")
    assert (ran.code, ran.json["uploaded"]) == (0, False)
    assert "assets/screen.css" not in ran.json["files"]
    assert ran.json["bytes"] > 100
    assert blog.writes == 0
    assert "  post.hbs" in blog("theme", "push", tmp_path / "tiny", "--dry-run", "-v").out


def test_a_directory_that_is_no_theme_is_told_before_anything_is_sent(blog, tmp_path):
    ran = blog("theme", "push", tmp_path)
    assert ran.code == 1
    assert "there is no package.json" in ran.err
    assert blog("theme", "push", tmp_path / "nowhere").code == 2
    assert blog.writes == 0


def test_themes_are_listed_for_staff_alone(blog, monkeypatch):
    ran = blog("theme", "list")
    assert ran.code == 3
    assert "Staff access token" in ran.err
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", blog.ghost.staff_access_token)
    ran = blog("theme", "list", "--json")
    assert ran.json["themes"] == [{"name": "source", "version": "1.0.0", "active": False}]
    assert "source 1.0.0" in blog("theme", "list").out


def test_routes_are_pulled_with_any_key_and_only_when_they_differ(blog):
    ran = blog("routes", "pull", "routes.yaml")
    assert ran.code == 0, ran
    assert blog.read("routes.yaml") == ROUTES
    assert blog("routes", "pull", "routes.yaml", "--json").json["changed"] is False


def test_a_pull_keeps_what_the_file_held_in_history(blog):
    blog.write("routes.yaml", "mine\n")
    assert blog("routes", "pull", "routes.yaml", "--dry-run").code == 0
    assert blog.read("routes.yaml") == "mine\n"
    assert blog("routes", "pull", "routes.yaml").code == 0
    [version] = blog("history", "routes.yaml", "--json").json["versions"]
    assert blog("diff", "routes.yaml", "--version", version["number"], "--json").json["then"] == "mine\n"


def test_a_push_of_routes_needs_staff_and_says_where_its_token_is(blog):
    blog.write("routes.yaml", TOPICS)
    ran = blog("routes", "push", "routes.yaml")
    assert ran.code == 3
    assert "this key may not replace the site's routes" in ran.err
    assert "open your own profile" in ran.err
    assert blog.ghost.routes == ROUTES


def test_a_push_of_routes_keeps_what_the_site_had(staff):
    staff.write("routes.yaml", TOPICS)
    ran = staff("routes", "push", "routes.yaml", "--dry-run")
    assert "+  tag: /topic/{slug}/" in ran.out
    assert staff.ghost.routes == ROUTES
    ran = staff("routes", "push", "routes.yaml", "--json")
    assert (ran.code, ran.json["changed"]) == (0, True)
    assert staff.ghost.routes == TOPICS
    [version] = staff("history", "routes.yaml", "--json").json["versions"]
    assert (version["side"], version["title"]) == ("remote", "")
    assert staff("diff", "routes.yaml", "--version", version["number"], "--json").json["then"] == ROUTES
    assert staff("restore", "routes.yaml", "--version", version["number"]).code == 2
    assert staff("routes", "push", "routes.yaml", "--json").json["changed"] is False


def test_routes_that_ghost_could_not_use_are_not_sent(staff):
    staff.write("routes.yaml", "collections:\n  /:\n    permalink: nope\n")
    ran = staff("routes", "push", "routes.yaml")
    assert ran.code == 1
    assert "routes.yaml:3: permalink: 'nope' does not begin and end with a slash" in ran.out
    assert "Nothing was sent." in ran.out
    assert staff.ghost.routes == ROUTES
    [problem] = staff("routes", "push", "routes.yaml", "--json").json["problems"]
    assert problem["line"] == 3


def test_redirects_go_both_ways_for_staff(staff):
    staff.write("redirects.yaml", "301:\n  /old/: /new/\n")
    assert staff("redirects", "push", "redirects.yaml").code == 0
    assert "/old/: /new/" in staff.ghost.redirects
    assert staff("redirects", "pull", "from-site.yaml").code == 0
    assert "/old/: /new/" in staff.read("from-site.yaml")
    staff.write("redirects.json", '[{"from": "/a/", "to": "/b/"}]')
    assert staff("redirects", "push", "redirects.json").code == 0
    assert "/a/: /b/" in staff.ghost.redirects


def test_a_pull_puts_no_yaml_into_a_json_file(staff):
    staff.write("redirects.json", '[{"from": "/a/", "to": "/b/"}]')
    ran = staff("redirects", "pull", "redirects.json")
    assert ran.code == 2
    assert "ghostsync redirects pull redirects.yaml" in ran.err
    assert staff.read("redirects.json") == '[{"from": "/a/", "to": "/b/"}]'


def test_redirects_are_closed_to_an_integration(blog):
    blog.write("redirects.yaml", "301:\n  /old/: /new/\n")
    for way in ("pull", "push"):
        ran = blog("redirects", way, "redirects.yaml")
        assert ran.code == 3
        assert "this key may not read the site's redirects" in ran.err


@pytest.mark.parametrize(
    "name", ["../routes.yaml", "posts/a.md", ".git/routes.yaml", "/etc/routes.yaml", "tags.yaml"]
)
def test_only_a_file_of_the_folder_will_do(blog, name):
    blog.configure("[site_files]\ntags = true\n")
    ran = blog("routes", "pull", name)
    assert ran.code == 2
    assert "is no file for that" in ran.err


def test_a_file_that_is_not_there_is_told(blog):
    ran = blog("routes", "push", "routes.yaml")
    assert ran.code == 2
    assert "ghostsync routes pull routes.yaml makes it" in ran.err
    blog.write("routes.json", "{}")
    assert blog("routes", "push", "routes.json").code == 2


def test_ci_is_told_of_a_theme_and_of_routes_at_file_and_line(staff, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.chdir(staff.root)
    tiny_theme(staff.root, post_hbs=BROKEN)
    ran = staff("--ci", "theme", "push", "tiny")
    assert "::error file=tiny/post.hbs,line=4," in ran.out
    staff.write("routes.yaml", "collections:\n  /:\n    permalink: nope\n")
    ran = staff("--ci", "routes", "push", "routes.yaml")
    assert "::error file=routes.yaml,line=3," in ran.out
