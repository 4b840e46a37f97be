"""The demo's story, told while it happens. Each step checks that what it tells is true. Imported late."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ghostsync.cli.demo_stage import demo_folder, furnish, small_diff
from ghostsync.cli.output import Output
from ghostsync.cli.report import show_report
from ghostsync.compose import Session, open_session
from ghostsync.config import load_settings
from ghostsync.errors import EXIT_DIFFERENCES, EXIT_OK, GhostsyncError
from ghostsync.model import Kind
from ghostsync.sandbox import SandboxGhost, ShiftedClock, serve
from ghostsync.sync.model import CycleReport
from ghostsync.wording import counted

SLUG = "three-short-paragraphs"
TEXT = """---
title: Three short paragraphs
status: published
tags: [Demo]
# A comment of yours, which no sync will ever touch.
---
The first paragraph was written in an editor.

The second paragraph was written there, too.

The third paragraph ends the post.
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the steps share."""

    output: Output
    root: Path
    ghost: SandboxGhost
    clock: ShiftedClock
    session: Session

    @property
    def file(self) -> Path:
        return self.root / f"posts/{SLUG}.md"

    def say(self, text: str) -> None:
        self.output.line(text)

    def step(self, number: int, text: str) -> None:
        self.output.line(f"\n{number}. {text}", bold=True)

    def indented(self, lines: list[str]) -> None:
        for line in lines:
            self.output.line(f"     {line}")

    async def sync(self) -> CycleReport:
        """One cycle, shown; the sandbox's clock moves on first, as it would between two edits."""
        self.clock.advance(5)
        report = await self.session.engine.cycle()
        show_report(report, self.output)
        return report

    def edit_in_ghost(self, old: str, new: str) -> None:
        """What an editor does in the browser: change words of the stored document."""
        document = self.ghost.find(SLUG)
        lexical = str(document.own["lexical"])
        must(old in lexical, f"Ghost does not hold the words {old!r}")
        self.clock.advance(5)
        self.ghost.edit(document.id, lexical=lexical.replace(old, new))

    def feature_image(self, slug: str) -> str:
        return str(self.ghost.find(slug).own["feature_image"])

    def in_ghost(self) -> list[str]:
        """The post's paragraphs as Ghost's page shows them."""
        html = str(self.ghost.answer(self.ghost.find(SLUG))["html"])
        return re.findall(r"<p>.*?</p>", html)


def must(holds: bool, otherwise: str) -> None:
    """The demo claims what it shows: stop it when that is not so."""
    if not holds:
        raise GhostsyncError(
            f"the demo did not go as told: {otherwise}",
            remedy="This is a defect in ghostsync; please report it.",
        )


async def perform(output: Output, folder: Path | None, *, play: bool, port: int) -> int:
    """Tell the whole story. Returns the exit code."""
    clock = ShiftedClock()
    ghost = SandboxGhost(title="Sandbox", clock=clock)
    with demo_folder(folder) as root:
        async with serve(ghost, port=port) as url:
            documents = furnish(root, ghost, url)
            # The demo's own address and key, whatever this shell has set for a real site.
            async with open_session(root, *load_settings(root, {})) as session:
                scene = Scene(output, root, ghost, clock, session)
                scene.step(1, "A Ghost and a folder")
                scene.say(f"   A sandbox Ghost answers at {url} (inside this process, in memory).")
                scene.say(f"   A sample blog of {counted(documents, 'document')} lies in {root}.")
                code = await _story(scene)
                if play:
                    await _play(scene, url)
                elif folder is not None:
                    scene.say(f"\nThe folder {root} is yours to look at; its sandbox ends with this command.")
                else:
                    scene.say("\nTo play with it: ghostsync demo --serve")
    return code


async def _story(scene: Scene) -> int:
    scene.step(2, "The first sync: the folder's posts go up with their pictures, the one in Ghost comes down")
    scene.ghost.create(
        Kind.POST,
        title="Written in Ghost",
        html="<p>An editor wrote this in the browser.</p>",
        source_html=True,
    )
    scene.file.write_text(TEXT, encoding="utf-8")
    first = await scene.sync()
    must((scene.root / "posts/written-in-ghost.md").exists(), "the post from Ghost has no file")
    must(
        "/content/images/" in scene.feature_image("a-workshop-in-the-old-bakery"), "a picture did not arrive"
    )

    scene.step(3, "An edit in the folder travels to Ghost")
    before = scene.in_ghost()
    written = scene.file.read_text(encoding="utf-8")
    scene.file.write_text(written.replace("The first paragraph", "The opening paragraph"), encoding="utf-8")
    scene.indented(small_diff(written, scene.file.read_text(encoding="utf-8")))
    await scene.sync()
    scene.say("   The page in Ghost changed:")
    scene.indented(small_diff("\n".join(before), "\n".join(scene.in_ghost())))
    must("opening" in scene.in_ghost()[0], "the edit did not arrive in Ghost")

    scene.step(4, "An edit in Ghost travels to the folder; every other byte of the file stays")
    written = scene.file.read_text(encoding="utf-8")
    scene.edit_in_ghost("ends the post", "ends the post, says the editor")
    await scene.sync()
    scene.say("   The file changed:")
    scene.indented(small_diff(written, scene.file.read_text(encoding="utf-8")))
    must("says the editor" in scene.file.read_text(encoding="utf-8"), "the edit did not arrive in the file")

    scene.step(5, "Both sides edit at once, in different paragraphs: they merge")
    written = scene.file.read_text(encoding="utf-8")
    scene.file.write_text(written.replace("[Demo]", "[Demo, Merge]").replace("there, too", "there as well"))
    scene.edit_in_ghost("The opening paragraph", "The very first paragraph")
    scene.say("   In the folder:")
    scene.indented(small_diff(written, scene.file.read_text(encoding="utf-8")))
    scene.say('   In Ghost, meanwhile: "The opening paragraph" became "The very first paragraph".')
    await scene.sync()
    merged = scene.file.read_text(encoding="utf-8")
    scene.say("   The file against what it was before both edits:")
    scene.indented(small_diff(written, merged))
    must("The very first" in merged and "there as well" in merged, "the file is not the merge of both edits")
    must("there as well" in scene.in_ghost()[1], "Ghost does not hold the merge of both edits")

    scene.step(6, "And when nothing changed, nothing is done")
    scene.clock.advance(5)
    files = {path: path.stat().st_mtime_ns for path in scene.root.glob("p*/**/*.md")}
    last = await scene.sync()
    must(not last.outcomes or last.in_step, "a sync without changes found something to do")
    must(set(last.requests) <= {"GET"}, "a sync without changes wrote to Ghost")
    must(files == {path: path.stat().st_mtime_ns for path in files}, "a sync without changes touched a file")
    return EXIT_OK if first.exit_code == last.exit_code == EXIT_OK else EXIT_DIFFERENCES


async def _play(scene: Scene, url: str) -> None:
    """The daemon on the demo's folder until Ctrl-C."""
    from functools import partial

    from ghostsync.daemon.forms import LogForm
    from ghostsync.daemon.log import make_log
    from ghostsync.daemon.notify import Notifier
    from ghostsync.daemon.process import Process
    from ghostsync.daemon.service import FolderService

    scene.step(7, "Yours to play with, until Ctrl-C")
    scene.say(f"   The folder: {scene.root}  (edit, add and delete files)")
    scene.say(f"   The blog:   {url}/  (see it in a browser)")
    scene.say(f"   The key:    {scene.root / '.ghostsync/admin_api_key'}  (for any Admin API client)")
    scene.say("   A daemon keeps both in step:\n")
    log = make_log(LogForm.AUTO)
    service = FolderService(scene.root, partial(load_settings, scene.root, {}), log, session=scene.session)
    await Process([service], log, Notifier({})).run()
