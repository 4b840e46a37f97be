"""Brakes stop what a person would want to be asked about, and nothing else."""

import pytest

from ghostsync.config import SafetySection
from ghostsync.model import Kind, SiteInfo
from ghostsync.sync.brakes import Remembered, check_folder, check_identity, check_plan, check_restored
from ghostsync.sync.model import Action, LocalFile, Scan, Stat, Verb

NOW = "2026-01-31T08:00:00Z"


def site(uuid="u1", url="https://blog.example/"):
    return SiteInfo("Blog", url, "6.65", uuid=uuid)


def known(uuid="u1", url="https://blog.example/", root="1:2", documents=10):
    return Remembered(uuid, url, root, documents)


def scan(files=0, root="1:2"):
    return Scan(
        tuple(LocalFile(f"posts/{n}.md", Kind.POST, Stat(1, 1, n), "sha") for n in range(files)),
        complete=True,
        root=root,
    )


def retire(count, retire="draft"):
    return [
        Action(Verb.RETIRE_POST, Kind.POST, f"id{n}", f"posts/{n}.md", retire=retire) for n in range(count)
    ]


def trash(count):
    return [Action(Verb.TRASH_FILE, Kind.POST, f"id{n}", f"posts/{n}.md") for n in range(count)]


def rewritten(count):
    return [
        Action(Verb.UPDATE_FILE, Kind.POST, f"id{n}", f"posts/{n}.md", keys=("body",)) for n in range(count)
    ]


def test_the_same_site_is_no_alarm():
    assert check_identity(known(), site(), NOW) is None


def test_the_same_uuid_at_a_new_address_is_no_alarm():
    assert check_identity(known(), site(url="https://new.example/"), NOW) is None


def test_another_uuid_at_the_same_address_halts_and_names_both():
    halt = check_identity(known(), site(uuid="u2"), NOW)
    assert halt is not None
    assert halt.reason == "identity"
    assert "u1" in halt.what
    assert "u2" in halt.what


def test_without_uuids_another_address_halts():
    assert check_identity(known(uuid=""), site(uuid="", url="https://other.example/"), NOW) is not None
    assert check_identity(known(uuid=""), site(uuid=""), NOW) is None


def test_a_folder_that_was_never_synced_has_no_identity_to_break():
    assert check_identity(known(uuid="", url=""), site(), NOW) is None


def test_an_emptied_folder_halts():
    assert check_folder(known(documents=3), scan(), NOW) is not None


def test_deleting_the_last_of_two_files_is_an_edit_and_no_alarm():
    assert check_folder(known(documents=2), scan(), NOW) is None


def test_an_empty_directory_of_another_file_system_halts_whatever_the_number():
    halt = check_folder(known(documents=1), scan(root="9:9"), NOW)
    assert halt is not None
    assert "mounted" in halt.what


def test_a_folder_with_files_is_fine_wherever_it_lies():
    assert check_folder(known(), scan(files=1, root="9:9"), NOW) is None


@pytest.mark.parametrize(("count", "halts"), [(0, False), (2, False), (3, True)])
def test_documents_that_got_older_in_ghost_halt_from_three_on(count, halts):
    assert (check_restored([f"id{n}" for n in range(count)], NOW) is not None) is halts


@pytest.mark.parametrize(
    ("documents", "deletions", "halts"), [(10, 5, False), (10, 6, True), (100, 10, False), (100, 11, True)]
)
def test_more_than_a_tenth_but_at_least_five_deletions_halt(documents, deletions, halts):
    limit = SafetySection().limit(documents)
    assert (check_plan(retire(deletions), documents, limit, NOW) is not None) is halts
    assert (check_plan(trash(deletions), documents, limit, NOW) is not None) is halts


def test_posts_that_stay_in_ghost_do_not_count_as_deletions():
    assert check_plan(retire(50, retire="leave"), 100, 10, NOW) is None


def test_a_ghost_that_lost_all_of_a_few_documents_halts():
    assert check_plan(trash(4), 4, 5, NOW) is not None


def test_many_bodies_rewritten_in_ghost_at_once_halt():
    assert check_plan(rewritten(20), 39, 5, NOW) is not None
    assert check_plan(rewritten(20), 41, 5, NOW) is None
    assert check_plan(rewritten(19), 19, 5, NOW) is None


def test_the_id_of_a_halt_names_exactly_its_plan():
    six, seven = (check_plan(retire(n), 10, 5, NOW) for n in (6, 7))
    again = check_plan(list(reversed(retire(6))), 10, 5, "2027-01-01T00:00:00Z")
    assert six is not None
    assert seven is not None
    assert again is not None
    assert six.id != seven.id
    assert six.id == again.id
