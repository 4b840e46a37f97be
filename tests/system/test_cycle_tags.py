"""tags.yaml and the tags of a site keep in step, both ways, as documents do."""

import json
import subprocess

import pytest
from cli_runner import sandbox_blog

from ghostsync.ghost.parts import GhostParts
from ghostsync.model import Kind
from ghostsync.sandbox import Fault, When


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        blog.configure("[site_files]\ntags = true\n")
        yield blog


@pytest.fixture
def garden(blog):
    """Two tags, in step; one of them has posts."""
    made(blog, "Garden", description="All that grows")
    made(blog, "#series")
    blog.write("posts/roses.md", "---\ntitle: Roses\ntags: [Garden]\n---\n\nRed ones.\n")
    assert blog("sync").code == 0
    settled(blog)
    return blog


def tag(blog, slug):
    return next(tag for tag in blog.ghost.store.tags.values() if tag["slug"] == slug)


def made(blog, name, **fields):
    return blog.ghost.store.add_tag({"name": name, **fields})


def slugs(blog):
    return sorted(tag["slug"] for tag in blog.ghost.store.tags.values())


def tags_of(blog, slug="roses"):
    return [blog.ghost.store.tags[id]["name"] for id in blog.ghost.find(slug).tags]


def in_file(blog, old, new):
    text = blog.read("tags.yaml")
    assert old in text
    blog.write("tags.yaml", text.replace(old, new))


def without(blog, slug):
    """Take the entry with this slug out of the file."""
    head, *entries = blog.read("tags.yaml").rstrip("\n").split("\n- ")
    kept = [entry for entry in entries if f"slug: {slug}\n" not in entry]
    blog.write("tags.yaml", "\n- ".join([head, *kept]) + "\n")


def settled(blog):
    """Nothing is left to do, on either side."""
    before, writes = blog.read("tags.yaml"), blog.writes
    assert blog("status").code == 0
    ran = blog("sync")
    assert (ran.code, blog.writes, blog.read("tags.yaml")) == (0, writes, before), ran


def test_nothing_is_asked_and_nothing_appears_where_it_is_not_wanted(blog):
    made(blog, "Garden")
    blog.configure()
    assert blog("sync").code == 0
    assert blog.ghost.count(path="/tags/") == 0
    assert not (blog.root / "tags.yaml").exists()


def test_the_tags_of_the_site_come_down_with_what_is_set(blog):
    made(blog, "Garden", description="All that grows: roses", accent_color="#00ff00")
    made(blog, "#series")
    assert blog("sync").code == 0
    head, garden, series = blog.read("tags.yaml").split("\n- ")
    assert head.startswith("# The tags of the site.")
    assert garden.splitlines() == [
        "name: Garden",
        "  slug: garden",
        '  description: "All that grows: roses"',
        '  accent_color: "#00ff00"',
        f"  ghost_id: {tag(blog, 'garden')['id']}",
    ]
    id = tag(blog, "hash-series")["id"]
    assert series == f'name: "#series"\n  slug: hash-series\n  ghost_id: {id}\n'
    settled(blog)


def test_they_cost_one_request_a_sync(garden):
    before = len(garden.ghost.requests)
    assert garden("sync").code == 0
    assert [seen.path.rpartition("admin/")[2] for seen in garden.ghost.requests[before:]].count("tags/") == 1
    assert len(garden.ghost.requests) - before == 4


def test_an_edit_of_the_file_goes_to_ghost_and_the_file_keeps_every_byte(garden):
    in_file(
        garden,
        "description: All that grows",
        "description: >-  # folded\n    Beds\n    and paths\n  mine: yes",
    )
    text, before = garden.read("tags.yaml"), len(garden.ghost.requests)
    ran = garden("sync")
    assert ran.code == 0, ran
    assert 'update tag   tags.yaml "Garden"  (description; edited here)' in ran.out
    assert tag(garden, "garden")["description"] == "Beds and paths"
    assert garden.read("tags.yaml") == text
    methods = [seen.method for seen in garden.ghost.requests[before:] if "tags/" in seen.path]
    assert methods == ["GET", "GET", "PUT"]  # the list, the tag right before it is written
    settled(garden)


def test_an_edit_in_ghost_changes_that_key_and_no_other_byte(garden):
    in_file(garden, "  slug: garden", "  slug:   garden   # as in the menu")
    before = garden.read("tags.yaml")
    tag(garden, "garden")["description"] = "Beds"
    assert garden("sync").code == 0
    assert garden.read("tags.yaml") == before.replace("All that grows", "Beds")
    settled(garden)


def test_edits_of_different_keys_merge(garden):
    tag(garden, "garden")["meta_title"] = "From Ghost"
    in_file(garden, "All that grows", "From here")
    assert garden("sync").code == 0
    assert tag(garden, "garden")["description"] == "From here"
    assert "meta_title: From Ghost" in garden.read("tags.yaml")
    settled(garden)


def test_a_key_that_is_taken_away_clears_the_field_and_an_absent_one_is_no_opinion(garden):
    tag(garden, "hash-series")["description"] = None
    in_file(garden, "  description: All that grows\n", "")
    assert garden("sync").code == 0
    assert tag(garden, "garden")["description"] is None
    settled(garden)
    in_file(garden, "  slug: garden\n", "")
    assert garden("sync").code == 0
    assert tag(garden, "garden")["slug"] == "garden"


def test_a_true_conflict_touches_neither_side_and_names_file_and_line(garden):
    tag(garden, "garden")["description"] = "From Ghost"
    in_file(garden, "All that grows", "From here")
    before, writes = garden.read("tags.yaml"), garden.writes
    ran = garden("sync")
    assert ran.code == 1
    line = before.splitlines().index("  description: From here") + 1
    assert f"tags.yaml:{line}: edited here and in Ghost, differently" in ran.out
    assert "'From here' here, 'From Ghost' in Ghost" in ran.out
    assert (garden.read("tags.yaml"), garden.writes) == (before, writes)
    assert tag(garden, "garden")["description"] == "From Ghost"
    assert garden("status").code == 1


@pytest.mark.parametrize(("use", "wins"), [("local", "From here"), ("remote", "From Ghost")])
def test_a_conflict_is_settled_by_choice_with_the_loser_in_history(garden, use, wins):
    tag(garden, "garden")["description"] = "From Ghost"
    in_file(garden, "All that grows", "From here")
    assert garden("sync").code == 1
    ran = garden("resolve", "tags.yaml", "--use", use)
    assert ran.code == 0, ran
    assert tag(garden, "garden")["description"] == wins
    assert f"description: {wins}" in garden.read("tags.yaml")
    assert len(garden("history", "tags.yaml", "--json").json["versions"]) == 1
    settled(garden)


def test_a_conflict_settled_by_rule_needs_nobody(garden):
    garden.configure('[site_files]\ntags = true\n[sync]\nprefer = "remote"\n')
    tag(garden, "garden")["description"] = "From Ghost"
    in_file(garden, "All that grows", "From here")
    assert garden("sync").code == 0
    assert "From Ghost" in garden.read("tags.yaml")


def test_resolve_knows_no_third_version_of_tags(garden):
    ran = garden("resolve", "tags.yaml", "--use", "merged")
    assert ran.code == 2
    assert "local" in ran.err
    assert garden("resolve", "tags.yaml", "--use", "local").code == 0  # nothing is in conflict


def test_a_new_entry_makes_a_tag_and_gets_its_id(garden):
    garden.write("tags.yaml", garden.read("tags.yaml") + "- name: Bees & more\n  accent_color: '#ff0000'\n")
    ran = garden("sync")
    assert ran.code == 0, ran
    bees = tag(garden, "bees-more")
    assert (bees["name"], bees["accent_color"]) == ("Bees & more", "#ff0000")
    assert garden.read("tags.yaml").endswith(
        f"- name: Bees & more\n  accent_color: '#ff0000'\n  ghost_id: {bees['id']}\n"
    )
    settled(garden)


def test_push_writes_nothing_into_the_file_but_the_id_of_a_new_tag(garden):
    tag(garden, "hash-series")["description"] = "From Ghost"
    made(garden, "Unheard of")
    garden.write("tags.yaml", garden.read("tags.yaml") + "- name: Bees\n")
    before = garden.read("tags.yaml")
    assert garden("push").code == 0
    assert garden.read("tags.yaml") == f"{before}  ghost_id: {tag(garden, 'bees')['id']}\n"


def test_push_skips_a_tag_that_was_edited_in_ghost_too(garden):
    tag(garden, "garden")["meta_title"] = "From Ghost"
    in_file(garden, "All that grows", "From here")
    ran = garden("push")
    assert ran.code == 1
    assert "skip" in ran.out
    assert tag(garden, "garden")["description"] == "All that grows"


def test_pull_sends_nothing_and_what_was_edited_here_still_goes_up_later(garden):
    tag(garden, "garden")["meta_title"] = "From Ghost"
    in_file(garden, "All that grows", "From here")
    writes = garden.writes
    assert garden("pull").code == 0
    assert garden.writes == writes
    assert "meta_title: From Ghost" in garden.read("tags.yaml")
    assert "description: From here" in garden.read("tags.yaml")
    assert garden("push").code == 0
    assert tag(garden, "garden")["description"] == "From here"
    settled(garden)


def test_a_renamed_tag_is_the_same_tag_and_its_posts_follow_without_being_written(garden):
    id, writes = tag(garden, "garden")["id"], garden.ghost.count("PUT", "/posts/")
    in_file(garden, "name: Garden\n  slug: garden", "name: Gardening\n  slug: gardening")
    ran = garden("sync")
    assert ran.code == 0, ran
    assert tag(garden, "gardening")["id"] == id
    assert tags_of(garden) == ["Gardening"]
    assert "tags: [Gardening]" in garden.read("posts/roses.md")
    assert garden.ghost.count("PUT", "/posts/") == writes
    assert slugs(garden) == ["gardening", "hash-series"]
    settled(garden)


def test_a_tag_renamed_in_ghost_changes_its_posts_files_at_once(garden):
    tag(garden, "garden").update(name="Gardening", slug="gardening")
    writes = garden.writes
    assert garden("sync").code == 0
    assert "name: Gardening" in garden.read("tags.yaml")
    assert "tags: [Gardening]" in garden.read("posts/roses.md")
    assert garden.writes == writes
    settled(garden)


def test_a_rename_is_no_conflict_with_an_edit_of_a_posts_tags(garden):
    """Three different first tags are one, where nothing tells that two of them are the same."""
    in_file(garden, "name: Garden\n", "name: Gardening\n")
    garden.write("posts/roses.md", garden.read("posts/roses.md").replace("[Garden]", "[Bees, Garden]"))
    ran = garden("sync")
    assert ran.code == 0, ran
    assert tags_of(garden) == ["Bees", "Gardening"]
    assert "tags: [Bees, Gardening]" in garden.read("posts/roses.md")
    assert slugs(garden) == ["bees", "garden", "hash-series"]
    assert "name: Bees" in garden.read("tags.yaml")
    settled(garden)


def test_a_rename_in_ghost_is_no_conflict_with_an_edit_of_a_posts_tags_either(garden):
    tag(garden, "garden")["name"] = "Gardening"
    garden.write("posts/roses.md", garden.read("posts/roses.md").replace("[Garden]", "[Bees, Garden]"))
    ran = garden("sync")
    assert ran.code == 0, ran
    assert tags_of(garden) == ["Bees", "Gardening"]
    assert slugs(garden) == ["bees", "garden", "hash-series"]
    settled(garden)


def test_a_post_may_use_the_new_name_in_the_same_sync(garden):
    in_file(garden, "name: Garden\n", "name: Gardening\n")
    garden.write("posts/roses.md", garden.read("posts/roses.md").replace("[Garden]", "[Gardening]"))
    garden.write("posts/lilies.md", "---\ntitle: Lilies\ntags: [Gardening]\n---\n\nWhite ones.\n")
    assert garden("sync").code == 0
    assert slugs(garden) == ["garden", "hash-series"]
    assert tags_of(garden, "lilies") == ["Gardening"]
    settled(garden)


def test_a_push_sends_a_post_whose_tag_was_renamed_and_the_next_pull_renames_it_here(garden):
    in_file(garden, "name: Garden\n", "name: Gardening\n")
    garden.write("posts/roses.md", garden.read("posts/roses.md").replace("Red", "White"))
    ran = garden("push")
    assert ran.code == 0, ran
    assert "White" in garden.ghost.find("roses").own["lexical"]
    assert "tags: [Garden]" in garden.read("posts/roses.md")
    assert garden("pull").code == 0
    assert "tags: [Gardening]" in garden.read("posts/roses.md")
    settled(garden)


def test_a_new_tag_is_there_before_the_post_that_names_it(garden):
    garden.write("tags.yaml", garden.read("tags.yaml") + "- name: Bees\n  description: They sting\n")
    garden.write("posts/bees.md", "---\ntitle: Bees\ntags: [Bees]\n---\n\nBuzz.\n")
    assert garden("sync").code == 0
    assert slugs(garden) == ["bees", "garden", "hash-series"]
    assert tag(garden, "bees")["description"] == "They sting"
    settled(garden)


def test_a_tag_that_a_post_makes_comes_into_the_file_in_the_same_sync(garden):
    garden.write("posts/bees.md", "---\ntitle: Bees\ntags: [Bees]\n---\n\nBuzz.\n")
    assert garden("sync").code == 0
    assert f"name: Bees\n  slug: bees\n  ghost_id: {tag(garden, 'bees')['id']}\n" in garden.read("tags.yaml")
    settled(garden)


def test_an_entry_that_is_taken_out_deletes_a_tag_of_no_post(garden):
    without(garden, "hash-series")
    ran = garden("sync")
    assert ran.code == 0, ran
    assert "delete tag" in ran.out
    assert slugs(garden) == ["garden"]
    [kept] = garden("history", "tags.yaml", "--json").json["versions"]
    assert (kept["side"], kept["title"]) == ("remote", "#series")
    settled(garden)


def test_a_tag_that_posts_have_is_not_deleted(garden):
    without(garden, "garden")
    before = garden.read("tags.yaml")
    ran = garden("sync")
    assert ran.code == 1
    assert "1 post still has it; it was not deleted" in ran.out
    assert (slugs(garden), garden.read("tags.yaml")) == (["garden", "hash-series"], before)
    assert garden("resolve", "tags.yaml", "--use", "remote").code == 0
    assert "name: Garden" in garden.read("tags.yaml")
    settled(garden)


def test_a_tag_goes_once_the_same_sync_has_taken_it_off_its_posts(garden):
    without(garden, "garden")
    garden.write("posts/roses.md", garden.read("posts/roses.md").replace("tags: [Garden]\n", ""))
    ran = garden("sync")
    assert ran.code == 0, ran
    assert slugs(garden) == ["hash-series"]
    settled(garden)


def test_an_edit_in_ghost_is_not_lost_to_a_deletion_here(garden):
    without(garden, "hash-series")
    tag(garden, "hash-series")["description"] = "Edited"
    assert garden("sync").code == 0
    assert "description: Edited" in garden.read("tags.yaml")
    settled(garden)


def test_a_tag_deleted_in_ghost_takes_its_entry_along_and_an_edited_entry_is_a_conflict(garden):
    made(garden, "Bees")
    assert garden("sync").code == 0
    for slug in ("bees", "hash-series"):
        del garden.ghost.store.tags[tag(garden, slug)["id"]]
    in_file(garden, 'name: "#series"', 'name: "#serial"')
    ran = garden("sync")
    assert ran.code == 1
    assert "edited here, but deleted in Ghost" in ran.out
    assert "Bees" not in garden.read("tags.yaml")
    assert "#serial" in garden.read("tags.yaml")
    in_file(garden, "  ghost_id: " + garden.read("tags.yaml").rpartition("ghost_id: ")[2], "")
    assert garden("sync").code == 0
    assert tag(garden, "hash-series")["name"] == "#serial"
    settled(garden)


def test_a_file_that_vanished_is_written_anew_and_deletes_nothing(garden):
    (garden.root / "tags.yaml").unlink()
    writes = garden.writes
    assert garden("sync").code == 0
    assert garden.writes == writes
    assert "name: Garden" in garden.read("tags.yaml")
    settled(garden)


def test_many_deletions_are_held_up_until_a_person_lifts_the_brake(garden):
    for number in range(8):
        made(garden, f"Tag {number}")
    assert garden("sync").code == 0
    garden.write("tags.yaml", "# nothing left\n")
    writes = garden.writes
    ran = garden("sync", "--json")
    assert ran.code == 5
    assert "10 tags would be deleted" in ran.json["halt"]["what"]
    assert garden.writes == writes
    assert garden("resume", "--confirm", ran.json["halt"]["id"]).code == 0
    assert garden("sync").code == 1  # one of them has a post
    assert slugs(garden) == ["garden"]


def test_a_halt_for_another_reason_stops_the_tags_too(garden):
    for number in range(8):
        garden.write(f"posts/p{number}.md", f"---\ntitle: P{number}\n---\n\nText.\n")
    assert garden("sync").code == 0
    for number in range(8):
        (garden.root / f"posts/p{number}.md").unlink()
    in_file(garden, "All that grows", "From here")
    made(garden, "Bees")
    before = garden.read("tags.yaml")
    assert garden("sync").code == 5
    assert (garden.read("tags.yaml"), tag(garden, "garden")["description"]) == (before, "All that grows")


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("description: All that grows", "description: [a, b]", 5, "a list stands where text is expected"),
        ("description: All that grows", "visibility: secret", 5, "not a visibility that Ghost knows"),
        (
            "description: All that grows",
            "feature_image: pictures/rose.jpg",
            5,
            "neither a web address nor a path",
        ),
        ("description: All that grows", f"description: {'x' * 501}", 5, "Shorten it by 1."),
        ("slug: garden", "slug: hash-series", 4, "is there twice (line 7)"),
        ("name: Garden", "name: ", 3, "name is empty"),
        ("name: Garden", "name: #garden", 3, "is a comment in YAML"),
        ("name: Garden", "nome: Garden\n  name: a\n  name: b", 5, "this key is there twice"),
    ],
)
def test_a_wrong_entry_is_named_with_its_line_and_written_nowhere(garden, old, new, line, told):
    in_file(garden, old, new)
    before, ghost = garden.read("tags.yaml"), dict(tag(garden, "garden"))
    ran = garden("sync")
    assert ran.code == 1
    assert told in ran.out
    assert f"tags.yaml:{line}: " in ran.out
    assert (garden.read("tags.yaml"), tag(garden, "garden")) == (before, ghost)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("- name: [\n", 2, "not valid YAML"),
        ("tags:\n  - name: x\n", 1, "is not a list of tags"),
        ("- name: a\n\tslug: b\n", 2, "a tab is used"),
        ("- name: a\n--- \n- name: b\n", 2, "not valid YAML"),
    ],
)
def test_a_file_that_is_no_yaml_deletes_and_writes_nothing(garden, text, line, told):
    garden.write("tags.yaml", text)
    made(garden, "Bees")
    writes = garden.writes
    ran = garden("sync")
    assert ran.code == 1
    assert f"tags.yaml:{line}: " in ran.out
    assert told in ran.out
    assert (garden.writes, garden.read("tags.yaml")) == (writes, text)


def test_a_second_entry_with_nothing_but_the_name_of_another_makes_no_second_tag(garden):
    text = garden.read("tags.yaml")
    garden.write("tags.yaml", f"{text}- name: garden\n  description: Twice\n")
    line = len(text.splitlines()) + 1
    for ran in (garden("check"), garden("sync")):
        assert ran.code == 1
        assert f"tags.yaml:{line}: the tag with the name garden is there twice (line 3)" in ran.out
    assert slugs(garden) == ["garden", "hash-series"]


def test_an_entry_with_the_name_of_another_and_a_slug_of_its_own_is_another_tag(garden):
    garden.write("tags.yaml", garden.read("tags.yaml") + "- name: Garden\n  slug: allotment\n")
    assert garden("check").code == 0
    assert garden("sync").code == 0
    assert slugs(garden) == ["allotment", "garden", "hash-series"]


def test_nothing_is_deleted_while_another_entry_is_not_understood(garden):
    without(garden, "hash-series")
    in_file(garden, "description: All that grows", "description: [a]")
    assert garden("sync").code == 1
    assert slugs(garden) == ["garden", "hash-series"]


def test_a_ghost_id_that_ghost_does_not_know_makes_no_tag(garden):
    garden.write("tags.yaml", garden.read("tags.yaml") + f"- name: Bees\n  ghost_id: {'b' * 24}\n")
    ran = garden("sync")
    assert ran.code == 1
    assert f"Ghost has no tag with the ghost_id {'b' * 24}" in ran.out
    assert slugs(garden) == ["garden", "hash-series"]


def test_a_taken_slug_is_not_kept_as_another_one(garden):
    made(garden, "Bees")
    in_file(garden, "slug: garden", "slug: bees")
    ran = garden("push")
    assert ran.code == 1
    assert 'the slug "bees" is in use by another tag' in ran.out
    assert slugs(garden) == ["bees", "garden", "hash-series"]


def test_a_tag_that_changes_right_before_the_write_is_not_overwritten(garden, monkeypatch):
    in_file(garden, "All that grows", "From here")
    known = tag(garden, "garden")
    look = GhostParts.tag

    async def late(parts, id):
        known["description"] = "Later"
        return await look(parts, id)

    monkeypatch.setattr(GhostParts, "tag", late)
    ran = garden("sync")
    assert ran.code == 1
    assert "somebody changed it in Ghost meanwhile" in ran.out
    assert known["description"] == "Later"
    assert "differently" in garden("sync").out


def test_a_create_whose_answer_was_lost_is_found_again_and_not_repeated(garden):
    garden.write("tags.yaml", garden.read("tags.yaml") + "- name: Bees\n")
    garden.ghost.faults.append(Fault(method="POST", path="/tags/", when=When.AFTER))
    ran = garden("sync")
    assert ran.code == 0, ran
    assert slugs(garden) == ["bees", "garden", "hash-series"]
    assert garden.ghost.count("POST", "/tags/") == 1
    settled(garden)


def test_an_update_whose_answer_was_lost_is_no_conflict(garden):
    in_file(garden, "All that grows", "From here")
    garden.ghost.faults.append(Fault(method="PUT", path="/tags/", when=When.AFTER))
    assert garden("sync").code in {1, 4}
    assert tag(garden, "garden")["description"] == "From here"
    settled(garden)


def test_a_fresh_clone_without_a_state_finds_its_tags(garden):
    before = garden.read("tags.yaml")
    for file in (garden.root / ".ghostsync").iterdir():
        if file.name.startswith("state.db"):
            file.unlink()
    ran = garden("sync")
    assert ran.code == 0, ran
    assert garden.read("tags.yaml") == before
    settled(garden)


def test_a_fresh_clone_reports_what_differs_and_overwrites_neither_side(garden):
    in_file(garden, "All that grows", "From here")
    for file in (garden.root / ".ghostsync").iterdir():
        if file.name.startswith("state.db"):
            file.unlink()
    ran = garden("sync")
    assert ran.code == 1
    assert "differs from the tag in Ghost" in ran.out
    assert tag(garden, "garden")["description"] == "All that grows"


def test_entries_written_by_hand_meet_the_tags_that_posts_have_made(blog):
    blog.write("posts/roses.md", "---\ntitle: Roses\ntags: [Garden, Bees]\n---\n\nRed ones.\n")
    blog.write("tags.yaml", "- name: Garden\n  description: All that grows\n")
    assert blog("sync").code == 0
    assert slugs(blog) == ["bees", "garden"]
    assert tag(blog, "garden")["description"] == "All that grows"
    settled(blog)


def test_a_hash_makes_a_tag_internal_and_taking_it_away_makes_it_public(garden):
    in_file(garden, "name: Garden", 'name: "#garden"')
    assert garden("sync").code == 0
    assert tag(garden, "garden")["visibility"] == "internal"
    settled(garden)
    in_file(garden, 'name: "#garden"', "name: Garden")
    assert garden("sync").code == 0
    assert tag(garden, "garden")["visibility"] == "public"
    settled(garden)


def test_addresses_of_the_site_may_be_written_from_the_root_on(garden):
    in_file(garden, "description: All", "feature_image: /content/images/rose.jpg\n  description: All")
    assert garden("sync").code == 0
    assert tag(garden, "garden")["feature_image"] == f"{garden.url}/content/images/rose.jpg"
    settled(garden)


def test_a_dry_run_writes_nothing_and_says_it_all(garden):
    in_file(garden, "All that grows", "From here")
    without(garden, "hash-series")
    garden.write("tags.yaml", garden.read("tags.yaml") + "- name: Bees\n")
    made(garden, "From Ghost")
    before, writes = garden.read("tags.yaml"), garden.writes
    ran = garden("sync", "--dry-run", "--json")
    assert ran.code == 1
    assert {(a["verb"], a["kind"], a["title"]) for a in ran.json["actions"]} == {
        ("update tag", "tag", "Garden"),
        ("create tag", "tag", "Bees"),
        ("delete tag", "tag", "#series"),
        ("update file", "site file", ""),
    }
    assert (garden.read("tags.yaml"), garden.writes) == (before, writes)


def test_the_file_may_lie_elsewhere_and_is_never_a_document_or_unused(blog):
    blog.configure('[site_files]\ntags = "posts/all/tags.yml"\n')
    made(blog, "Garden")
    assert blog("sync").code == 0
    assert "name: Garden" in blog.read("posts/all/tags.yml")
    assert blog("media", "--json").json["unused"] == []
    assert blog.ghost.posts == []


def test_history_brings_back_what_the_file_said(garden):
    tag(garden, "garden")["description"] = "From Ghost"
    before = garden.read("tags.yaml")
    assert garden("sync").code == 0
    [version] = garden("history", "tags.yaml", "--json").json["versions"]
    ran = garden("diff", "tags.yaml", "--version", version["number"])
    assert "+" in ran.out
    assert garden("restore", "tags.yaml", "--version", version["number"]).code == 0
    assert garden.read("tags.yaml") == before
    assert garden("sync").code == 0
    assert tag(garden, "garden")["description"] == "All that grows"


def test_history_brings_back_a_deleted_tag_as_a_new_one(garden):
    tag(garden, "hash-series")["description"] = "A tale"
    assert garden("sync").code == 0
    without(garden, "hash-series")
    assert garden("sync").code == 0
    version = garden("history", "tags.yaml", "--json").json["versions"][0]
    ran = garden("restore", "tags.yaml", "--version", version["number"])
    assert ran.code == 0, ran
    assert garden("sync").code == 0
    assert tag(garden, "hash-series")["description"] == "A tale"
    settled(garden)


def test_history_brings_back_what_a_push_overwrote(garden):
    in_file(garden, "All that grows", "From here")
    assert garden("sync").code == 0
    version = next(
        v for v in garden("history", "tags.yaml", "--json").json["versions"] if v["side"] == "remote"
    )
    assert json.loads(garden("diff", "tags.yaml", "--version", version["number"], "--json").out)["diff"]
    assert garden("restore", "tags.yaml", "--version", version["number"]).code == 0
    assert "description: All that grows" in garden.read("tags.yaml")
    assert garden("sync").code == 0
    assert tag(garden, "garden")["description"] == "All that grows"


def test_a_page_counts_as_a_post_that_has_the_tag(garden):
    garden.ghost.create(Kind.PAGE, title="About", tags=[{"name": "#series"}])
    without(garden, "hash-series")
    assert garden("sync").code == 1
    assert slugs(garden) == ["garden", "hash-series"]


def test_check_finds_what_is_wrong_without_network(garden, monkeypatch):
    monkeypatch.delenv("GHOST_ADMIN_API_KEY")
    assert garden("check").code == 0
    in_file(garden, "description: All that grows", "description: [a]")
    before = len(garden.ghost.requests)
    ran = garden("check", "tags.yaml")
    assert ran.code == 1
    assert "tags.yaml:5: description: a list stands where text is expected" in ran.out
    assert len(garden.ghost.requests) == before


@pytest.fixture
def git(garden, monkeypatch):
    """The folder as a repository with one commit."""

    def run(*arguments):
        done = subprocess.run(
            ["git", *arguments], cwd=garden.root, check=True, capture_output=True, text=True
        )
        return done.stdout

    for name in ("GIT_AUTHOR", "GIT_COMMITTER"):
        monkeypatch.setenv(f"{name}_NAME", "Ann")
        monkeypatch.setenv(f"{name}_EMAIL", "ann@example.com")
    run("init", "-q", "-b", "main")
    run("add", ".")
    run("commit", "-qm", "All that there is")
    return run


def lose_the_state(blog):
    """As a fresh clone in CI."""
    for file in (blog.root / ".ghostsync").iterdir():
        if file.name.startswith("state.db"):
            file.unlink()


def test_a_fresh_clone_finds_the_base_of_tags_in_the_repository(garden, git):
    in_file(garden, "All that grows", "From here")
    git("commit", "-qam", "Describe the garden anew")
    lose_the_state(garden)
    ran = garden("push")
    assert ran.code == 0, ran
    assert tag(garden, "garden")["description"] == "From here"


def test_a_fresh_clone_does_not_overwrite_what_an_editor_wrote_since(garden, git):
    in_file(garden, "All that grows", "From here")
    git("commit", "-qam", "Describe the garden anew")
    tag(garden, "garden")["description"] = "From Ghost"
    lose_the_state(garden)
    ran = garden("push")
    assert ran.code == 1
    assert "differs from the tag in Ghost" in ran.out
    assert tag(garden, "garden")["description"] == "From Ghost"


def test_a_fresh_clone_does_not_overwrite_what_an_editor_wrote_first(garden, git):
    """Neither the file's earlier version nor Ghost had a title for it."""
    tag(garden, "garden")["meta_title"] = "From Ghost"
    in_file(garden, "description: All that grows", "description: All that grows\n  meta_title: From here")
    git("commit", "-qam", "Name the garden")
    lose_the_state(garden)
    ran = garden("push")
    assert ran.code == 1, ran
    assert "edited here and in" in ran.out
    assert tag(garden, "garden")["meta_title"] == "From Ghost"


def test_a_fresh_clone_sends_a_key_that_only_the_file_has(garden, git):
    in_file(garden, "description: All that grows", "description: All that grows\n  meta_title: From here")
    git("commit", "-qam", "Name the garden")
    lose_the_state(garden)
    assert garden("push").code == 0
    assert tag(garden, "garden")["meta_title"] == "From here"


def test_another_site_means_that_nothing_is_agreed_on_any_more(garden):
    """The ids of the old site's tags are unknown to the new one, and that deletes no entry."""
    before = garden.read("tags.yaml")
    garden.ghost.site_uuid = "00000000-0000-4000-8000-000000000000"
    for id in list(garden.ghost.store.tags):
        del garden.ghost.store.tags[id]
    for document in garden.ghost.posts:
        document.tags = []
    halted = garden("sync", "--json")
    assert halted.code == 5
    assert garden("resume", "--confirm", halted.json["halt"]["id"]).code == 0
    ran = garden("sync")
    assert "Ghost has no tag with the ghost_id" in ran.out
    assert garden.read("tags.yaml") == before


def test_the_tags_of_a_site_are_committed_with_a_message_that_says_so(garden, git):
    garden.configure('[site_files]\ntags = true\n[git]\ncommit = "cycle"\n')
    tag(garden, "garden")["description"] = "Beds"
    assert garden("sync").code == 0
    assert git("log", "-1", "--format=%s").strip() == "Update tags.yaml"
    assert git("show", "--stat", "--format=", "HEAD").split()[0] == "tags.yaml"


def test_the_tag_of_previews_is_none_of_the_file(garden):
    garden.write("posts/roses.md", garden.read("posts/roses.md").replace("Red", "White"))
    assert garden("push", "--preview").code == 0
    before = garden.read("tags.yaml")
    assert "hash-ghostsync-preview" in slugs(garden)
    assert garden("sync", "--full").code == 0
    assert garden.read("tags.yaml") == before
    assert "hash-ghostsync-preview" in slugs(garden)
    settled(garden)


def test_ci_is_told_of_a_conflict_at_its_line(garden, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    tag(garden, "garden")["description"] = "From Ghost"
    in_file(garden, "All that grows", "From here")
    ran = garden("--ci", "sync")
    assert ran.code == 1
    assert "::error file=tags.yaml,line=5," in ran.out
