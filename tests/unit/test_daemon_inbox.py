"""What wakes the daemon."""

import asyncio

from ghostsync.daemon.inbox import MOST, Hook, Inbox, Wake

LONG = 3600.0  # a wait that would hang the test if nothing woke it


async def test_nothing_but_time_is_the_schedule():
    assert await Inbox().wait(0.0) is Wake.TIMER


async def test_what_came_before_the_wait_counts():
    inbox = Inbox()
    inbox.hint()
    assert await inbox.wait(LONG) is Wake.HINT


async def test_a_thousand_hints_are_one():
    inbox = Inbox()
    for _ in range(1000):
        inbox.hint()
    assert await inbox.wait(LONG) is Wake.HINT
    assert await inbox.wait(0.0) is Wake.TIMER


async def test_a_hint_ends_a_wait_that_is_under_way():
    inbox = Inbox()
    waiting = asyncio.create_task(inbox.wait(LONG))
    await asyncio.sleep(0)
    inbox.hint()
    assert await waiting is Wake.HINT


async def test_a_wish_is_stronger_than_a_hint_and_takes_it_along():
    inbox = Inbox()
    inbox.hint()
    inbox.sync_now()
    assert await inbox.wait(LONG) is Wake.NOW
    assert await inbox.wait(0.0) is Wake.TIMER


async def test_a_stop_is_stronger_than_all_and_stays():
    inbox = Inbox()
    inbox.sync_now()
    inbox.stop()
    assert await inbox.wait(LONG) is Wake.STOP
    assert await inbox.wait(LONG) is Wake.STOP
    await inbox.stopped()


async def test_a_hint_says_what_it_is_about_as_long_as_it_can():
    inbox = Inbox()
    inbox.hint(["posts/a.md"])
    inbox.hint(["posts/b.md"])
    await inbox.wait(LONG)
    assert inbox.paths == {"posts/a.md", "posts/b.md"}
    inbox.hint(["posts/a.md"])
    inbox.hint()
    await inbox.wait(LONG)
    assert inbox.paths is None


async def test_more_paths_than_can_be_kept_are_somewhere():
    inbox = Inbox()
    inbox.hint(f"posts/{number}.md" for number in range(MOST + 1))
    await inbox.wait(LONG)
    assert inbox.paths is None


async def test_a_hook_wakes_and_names_its_post():
    inbox = Inbox()
    inbox.remote_hint(Hook("post", "a" * 24, "now"))
    assert await inbox.wait(LONG) is Wake.REMOTE
    assert inbox.hooks == {Hook("post", "a" * 24, "now")}


async def test_a_reload_leaves_the_hints_for_the_loop_after_it():
    inbox = Inbox()
    inbox.hint()
    inbox.reload()
    assert await inbox.wait(LONG) is Wake.RELOAD
    assert await inbox.wait(LONG) is Wake.HINT


async def test_while_deaf_hints_are_kept_and_wishes_heard():
    inbox = Inbox()
    inbox.hint()
    waiting = asyncio.create_task(inbox.wait(LONG, deaf=LONG))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not waiting.done()
    inbox.sync_now()
    assert await waiting is Wake.NOW


async def test_hints_that_came_while_deaf_count_afterwards():
    inbox = Inbox()
    inbox.hint()
    assert await inbox.wait(LONG, deaf=0.001) is Wake.HINT
