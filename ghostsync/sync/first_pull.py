"""A whole site comes into an empty folder: each page of posts is written while the next one is on its way."""

from __future__ import annotations

from collections.abc import Sequence

from ghostsync.content.preview import is_preview
from ghostsync.model import RemotePost
from ghostsync.sync.desk import Desk
from ghostsync.sync.model import Scan
from ghostsync.sync.new_files import Made, Missing, NewFiles
from ghostsync.sync.observe import Observation, observe
from ghostsync.sync.ports import Folder, Progress, Site, State
from ghostsync.sync.write_files import FileWriter


def is_first_pull(desk: Desk, scan: Scan) -> bool:
    """Into an empty folder nothing can be overwritten or deleted, so that no brake has to see the whole plan first."""
    return not desk.rows and not scan.files and scan.complete


async def first_pull(
    site: Site, folder: Folder, state: State, desk: Desk, progress: Progress | None
) -> tuple[Observation, Made]:
    """Look at everything, and write files meanwhile. What could not be written is planned like all the rest."""
    files = NewFiles(FileWriter(folder, state, desk.context, desk.links), desk)

    async def write(posts: Sequence[tuple[RemotePost, str]]) -> None:
        await files.feed([Missing(post, sha) for post, sha in posts if not is_preview(post.data)])

    # A new file is durable before its record is written, and one without a record is known by its ghost_id.
    with state.relaxed():
        try:
            seen = await observe(site, state, full=True, on_page=write, progress=progress)
        finally:
            await files.abandon()
        return seen, await files.finish()
