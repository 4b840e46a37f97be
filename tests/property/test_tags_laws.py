"""tags.yaml: an edit changes what was asked for and no other byte; a merge loses nothing and ends."""

import string

import yaml
from hypothesis import given
from hypothesis import strategies as st

from ghostsync.content.site_files.listing import mapping, sequence
from ghostsync.content.site_files.tag_fields import ID, TAG_FIELDS
from ghostsync.content.site_files.tags_edit import TagEdits, edit_tags, new_entry, new_file
from ghostsync.content.site_files.tags_merge import merge_tag
from ghostsync.content.site_files.tags_read import read_tags
from ghostsync.content.value_reader import canonical_text
from ghostsync.model import SiteInfo

SITE = SiteInfo("Site", "https://blog.example.com/", "6.65")
PATH = "tags.yaml"
TEXTS = ("name", "description", "meta_title", "og_title", "accent_color", "codeinjection_head")

TRICKY = st.sampled_from(
    ["yes", "null", "~", "1e3", "0x1f", "2026-01-31", "- a", "#x", "a: b", "a #b", "it's", 'say "so"', "{a}", "[a]", "*s",
     "&a", "!t", "%x", "a\nb", "a\n\n  b\n c", "-", "?", "| x", "> y", "'", '"', "\\", "é", "日本", "\u2028", "\u00a0x", "---"]
)  # fmt: skip
WORDS = st.text(string.ascii_letters + " #:-'\"\n", min_size=1, max_size=30)
values = st.one_of(TRICKY, WORDS).map(canonical_text).filter(lambda text: text and not text.startswith(","))
ids = st.integers(0, 16**24 - 1).map(lambda number: f"{number:024x}")


@st.composite
def spellings(draw, value):
    """A value as somebody might write it, on the key's line."""
    plain = value.isalpha() and value.lower() not in {
        "yes",
        "null",
        "no",
        "true",
        "false",
        "on",
        "off",
        "y",
        "n",
    }
    styles = ["double", *(["plain"] if plain else []), *(["single"] if value.isprintable() else [])]
    match draw(st.sampled_from(styles)):
        case "plain":
            return value
        case "single":
            return "'" + value.replace("'", "''") + "'"
        case _:
            return yaml.dump(value, default_style='"', allow_unicode=False, width=10_000).strip()


@st.composite
def entries(draw, at):
    """(the lines of an entry in some style, what it states): comments, gaps, unknown keys and any order of keys."""
    stated = {"name": draw(values), "slug": f"tag-{at}"}
    for key in draw(st.sets(st.sampled_from(TEXTS[1:]), max_size=3)):
        stated[key] = draw(values)
    keys = draw(st.permutations(list(stated)))
    pad = draw(st.sampled_from([" ", "   "]))
    lines, id = [], draw(st.one_of(st.none(), ids))
    pairs = [f"{key}:{draw(st.sampled_from([' ', '   ']))}{draw(spellings(stated[key]))}" for key in keys]
    pairs += [f'ghost_id: "{id}"'] if id else []
    pairs += ["mine: [1, 2]"] if draw(st.booleans()) else []
    for number, pair in enumerate(pairs):
        tail = draw(st.sampled_from(["", "", "  # a comment"]))
        lines.append(f"{'-' + pad if number == 0 else ' ' + ' ' * len(pad)}{pair}{tail}")
        if draw(st.integers(0, 6)) == 0:
            lines.append(f"{' ' * (len(pad) + 1)}# about the next")
    lines += draw(st.sampled_from([[], [], [""], ["# between", ""]]))
    return lines, stated, id


@st.composite
def files(draw):
    indent = draw(st.sampled_from(["", "  "]))
    made = [draw(entries(at)) for at in range(draw(st.integers(1, 4)))]
    ids_seen = [id for _, _, id in made if id]
    if len(set(ids_seen)) < len(ids_seen):
        made = made[:1]
    head = draw(st.sampled_from([[], ["# head", ""], ["---"]]))
    lines = [*head, *(f"{indent}{line}" if line else "" for one, _, _ in made for line in one)]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = newline.join(lines) + draw(st.sampled_from([newline, ""]))
    bom = draw(st.sampled_from(["", "\ufeff"]))
    return (bom + text).encode(), [(stated, id) for _, stated, id in made]


@given(files())
def test_a_file_in_any_style_is_understood(made):
    data, stated = made
    file = read_tags(data, PATH, SITE)
    assert file.problems == ()
    assert [(dict(entry.values), entry.id) for entry in file.entries] == [
        (values, id or "") for values, id in stated
    ]


@given(files(), st.data())
def test_an_edit_reads_back_and_leaves_every_other_line_alone(made, data):
    before, stated = made
    file = read_tags(before, PATH, SITE)
    changed = {}
    for at, (held, _) in enumerate(stated):
        keys = data.draw(st.sets(st.sampled_from(TEXTS), max_size=2), label=f"keys of {at}")
        edits = {
            key: data.draw(values if key == "name" else st.one_of(st.none(), values), label=key)
            for key in keys
        }
        edits = {key: value for key, value in edits.items() if value is not None or key in held}
        if edits:
            changed[at] = edits
    after = edit_tags(file, TagEdits(changed), SITE)
    read = read_tags(after, PATH, SITE)
    for at, (held, id) in enumerate(stated):
        wanted = {k: v for k, v in {**held, **changed.get(at, {})}.items() if v is not None}
        assert (dict(read.entries[at].values), read.entries[at].id) == (wanted, id or "")
    touched = {key for edits in changed.values() for key in edits}
    kept = [line for line in lines(before) if not any(f"{key}:" in line for key in touched) and line.strip()]
    rest = iter(lines(after))
    assert all(any(undashed(line) == undashed(other) for other in rest) for line in kept)


@given(files())
def test_no_edit_is_no_change(made):
    data, _ = made
    assert edit_tags(read_tags(data, PATH, SITE), TagEdits(), SITE) == data


@given(files(), ids, values)
def test_an_id_is_one_line_more_and_a_new_entry_goes_behind_all_others(made, id, name):
    before, stated = made
    file = read_tags(before, PATH, SITE)
    if any(held == id for _, held in stated):
        return
    new = new_entry({"name": name, "slug": "brand-new"}, id)
    after = edit_tags(file, TagEdits(new=[new]), SITE)
    assert read_tags(after, PATH, SITE).entries[-1].id == id
    assert after.startswith(before.rstrip().removesuffix(b"# between").rstrip())
    without = [at for at, (_, held) in enumerate(stated) if not held]
    if without:
        marked = edit_tags(file, TagEdits({without[0]: {ID: id}}), SITE)
        assert len(lines(marked)) == len(lines(before)) + 1
        assert read_tags(marked, PATH, SITE).entries[without[0]].id == id


@given(files(), st.data())
def test_entries_that_go_take_only_themselves_along(made, data):
    before, stated = made
    gone = data.draw(st.sets(st.integers(0, len(stated) - 1)))
    after = read_tags(edit_tags(read_tags(before, PATH, SITE), TagEdits(gone=gone), SITE), PATH, SITE)
    assert [dict(entry.values) for entry in after.entries] == [
        values for at, (values, _) in enumerate(stated) if at not in gone
    ]


@given(st.lists(st.dictionaries(st.sampled_from(TEXTS[1:]), values, max_size=4), max_size=4))
def test_a_new_file_says_what_it_is_made_of(tags):
    made = [
        new_entry({"name": f"T{at}", "slug": f"t{at}", **tag}, f"{at:024x}") for at, tag in enumerate(tags)
    ]
    read = read_tags(new_file(made), PATH, SITE)
    assert read.problems == ()
    assert [{**entry.values, ID: entry.id} for entry in read.entries] == made


json_like = st.recursive(
    st.one_of(values, st.booleans(), st.integers(-1000, 1000)),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3), st.dictionaries(values, inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["title", "navigation", "x"]), json_like, max_size=3))
def test_a_copy_reads_back_as_what_ghost_said(told):
    assert (yaml.safe_load(mapping(told)) or {}) == told
    assert yaml.safe_load(sequence([told])) == [told]


fields = st.dictionaries(
    st.sampled_from([*TAG_FIELDS]), st.one_of(st.none(), st.sampled_from("abc")), max_size=5
)
KEEPS = {name for name, spec in TAG_FIELDS.items() if spec.keeps}


def whole(values):
    return {name: values.get(name) for name in TAG_FIELDS}


@given(fields, fields, fields, fields)
def test_a_merge_without_conflict_brings_both_sides_together_and_a_second_one_does_nothing(
    file, ghost, local, remote
):
    ghost, remote = whole(ghost), whole(remote)
    merged = merge_tag(file, ghost, local, remote)
    if merged.conflicts:
        return
    after = {**local, **merged.to_file}
    after = {name: value for name, value in after.items() if value is not None or name not in merged.to_file}
    held = {**remote, **merged.to_ghost}
    assert not merge_tag(after, held, after, held)
    for name, value in local.items():
        if file.get(name, "?") != value:  # edited here: it is there now, or both sides say the same
            assert held[name] == value
    for name, value in remote.items():
        if ghost[name] != value and name not in merged.to_ghost:
            assert after.get(name) == value


@given(fields, fields, fields, fields)
def test_a_conflict_is_what_both_sides_changed_differently(file, ghost, local, remote):
    ghost, remote = whole(ghost), whole(remote)
    for name in merge_tag(file, ghost, local, remote).conflicts:
        assert ghost[name] != remote[name]
        assert local.get(name) != remote[name]
        assert local.get(name, "absent") != file.get(name, "absent")


@given(fields, fields, fields)
def test_an_unchanged_side_takes_over_the_other(file, ghost, other):
    ghost, other = whole(ghost), whole(other)
    assert not merge_tag(file, ghost, file, other).to_ghost
    merged = merge_tag(file, ghost, file, other)
    assert not merged.conflicts


@given(fields, fields)
def test_at_a_first_meeting_nothing_that_is_set_is_overwritten(local, remote):
    remote = whole(remote)
    merged = merge_tag(None, None, local, remote)
    for name in merged.to_ghost:
        assert remote[name] is None
    for name in merged.to_file:
        assert name not in local


@given(fields, fields, fields, fields, st.sampled_from(["local", "remote"]))
def test_whoever_is_preferred_wins_and_nothing_stays_open(file, ghost, local, remote, prefer):
    ghost, remote = whole(ghost), whole(remote)
    open_before = merge_tag(file, ghost, local, remote).conflicts
    merged = merge_tag(file, ghost, local, remote, prefer=prefer)
    assert not merged.conflicts
    assert set(open_before) <= set(merged.to_ghost if prefer == "local" else merged.to_file)


def lines(data):
    return data.decode("utf-8-sig").replace("\r\n", "\n").splitlines()


def undashed(line):
    """A line without the dash, which moves to the next one when the first of an entry goes."""
    stripped = line.strip()
    return stripped[1:].strip() if stripped.startswith("- ") or stripped == "-" else stripped
