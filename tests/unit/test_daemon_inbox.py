"""What wakes the daemon."""

import asyncio

from ghostsync.daemon.inbox import Inbox, Wake

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
