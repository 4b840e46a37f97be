"""new: a file to write in, in its right place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ghostsync.cli.options import FolderOption, folder_of, output_of
from ghostsync.errors import UsageError

MAX_TITLE = 255  # Ghost refuses longer ones with 422


def register(app: typer.Typer) -> None:
    app.command()(new)


def new(
    context: typer.Context,
    title: Annotated[
        str, typer.Argument(help="The title; the file's name is made of it.", show_default=False)
    ],
    folder: FolderOption = None,
    page: Annotated[bool, typer.Option("--page", help="A page instead of a post.")] = False,
) -> None:
    """Create a draft and print its path. The next sync takes it to Ghost, as a draft."""
    output = output_of(context)
    with output.guard():
        path = create_draft(folder_of(context, folder), title, page=page)
    output.line(str(path))


def create_draft(root: Path, title: str, *, page: bool) -> Path:
    """The new file's absolute path. Raises UsageError for a title that Ghost would refuse, FolderError."""
    from ghostsync.config import load_config
    from ghostsync.content.slug import slugify
    from ghostsync.folder import LocalFolder
    from ghostsync.model import Kind
    from ghostsync.sync.model import ABSENT

    title = " ".join(title.split())
    if not title:
        raise UsageError("the title is empty", remedy='Name it: ghostsync new "On keeping bees"')
    if len(title) > MAX_TITLE:
        raise UsageError(
            f"the title has {len(title)} characters; Ghost takes {MAX_TITLE}", remedy="Shorten it."
        )
    local = LocalFolder(root, load_config(root).folder)
    today = datetime.now(UTC).astimezone().date().isoformat()
    wanted = local.name_for(Kind.PAGE if page else Kind.POST, slug=slugify(title), title=title, date=today)
    path = local.free_path(wanted, ())
    local.write(path, draft_text(title).encode(), expected_sha=ABSENT)
    return root / path


def draft_text(title: str) -> str:
    """Front matter with the title quoted as YAML needs it, and room to write."""
    import yaml

    front = yaml.safe_dump(
        {"title": title, "status": "draft"}, allow_unicode=True, sort_keys=False, width=10_000
    )
    return f"---\n{front}---\n\n"
