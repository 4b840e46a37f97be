"""What becomes of a whole blog: its files go up to a real Ghost, are saved there by the editor, and come down again.

    python tests/fidelity/blogs.py FOLDER [--posts 200] [--keep WORK]

FOLDER: Markdown files of any blog, at any depth; they are only read, and their copies name no authors, whom a new
Ghost does not know. A throw-away Ghost is started for them (npm; a minute the first time). --keep: leave the git
repository of the measurement there, to look at with `git log -p`.

Three figures: how many files are as they were, but for one `ghost_id` line, once the editor has saved every post; how
many of the posts differ by one line or one block after one word was changed in each in Ghost; how many then agree.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

from fidelity_world import VERSION, Folder, editor_saves, posts_of, put_lexical, together  # noqa: E402 - a script finds its helpers first
from realghost import RealGhost, launch  # noqa: E402 - a script finds its helpers first

from ghostsync.content.lexical import same  # noqa: E402 - a script finds its helpers first
from ghostsync.content.markdown import read_blocks  # noqa: E402 - a script finds its helpers first

NEW_WORD = "Wortwechsel"
_ID = re.compile(r"^(?:ghost_id: |ghost_id = |\s*\"ghost_id\": )\"?([0-9a-f]{24})", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z]{4,}")
_AUTHORS = re.compile(
    r"^authors?(?::.*\n(?:[ \t]+\S.*\n|-[ \t].*\n)*| *= *(?:\[[^\]]*\]|.*)\n)", re.MULTILINE
)
_CONFIRM = re.compile(r"resume --confirm (\S+)")
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


@dataclass
class Report:
    """files: how many went up. Each other entry: file name -> what was wrong."""

    files: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    touched_by_push: dict[str, str] = field(default_factory=dict)
    edited_by_editor: dict[str, str] = field(default_factory=dict)
    changed_by_save: dict[str, str] = field(default_factory=dict)
    words: int = 0
    one_line: int = 0
    more_than_a_block: dict[str, str] = field(default_factory=dict)
    unsettled: str = ""

    def lines(self) -> Iterator[str]:
        yield f"Files that went up: {self.files} ({len(self.refused)} refused)"
        yield f"As they were but for their ghost_id: {self.files - len(self.touched_by_push)} of {self.files}"
        yield f"As they were after the editor's save: {self.files - len(self.changed_by_save)} of {self.files}"
        right = self.words - len(self.more_than_a_block)
        yield f"One word changed in Ghost, one line or block in the file: {right} of {self.words} ({self.one_line} one line)"
        yield f"Nothing left to do afterwards: {'no: ' + self.unsettled if self.unsettled else 'yes'}"


class _Measurement:
    def __init__(self, ghost: RealGhost, folder: Folder) -> None:
        self.ghost = ghost
        self.folder = folder
        self.report = Report()
        self.last = ""
        self.git("init", "--quiet")

    def git(self, *arguments: str) -> str:
        identity = [
            "-c",
            "user.name=fidelity",
            "-c",
            "user.email=fidelity@localhost",
            "-c",
            "core.autocrlf=false",
        ]
        command = ["git", *identity, "-C", str(self.folder.root), *arguments]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8", "replace")

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        self.last = self.git("rev-parse", "HEAD").strip()  # ghostsync itself commits what it takes over, too

    def sync(self) -> subprocess.CompletedProcess[str]:
        """One sync. That all posts change at once is what a brake is for; here it is meant."""
        ran = self.folder("sync")
        halt = _CONFIRM.search(ran.stdout + ran.stderr)
        if halt:
            self.folder("resume", "--confirm", halt[1])
            ran = self.folder("sync")
        return ran

    def differences(self) -> dict[str, str]:
        names = [name for name in self.git("diff", "--name-only", "-z", self.last).split("\0") if name]
        return {Path(name).name: self.git("diff", "-U0", self.last, "--", name) for name in names}

    def posts(self) -> dict[str, dict[str, Any]]:
        """File name -> post."""
        by_id = {post["id"]: post for post in posts_of(self.ghost).values()}
        found = {}
        for path in sorted((self.folder.root / "posts").glob("*.md")):
            match = _ID.search(path.read_text(encoding="utf-8", errors="replace"))
            if match and match[1] in by_id:
                found[path.name] = by_id[match[1]]
        return found

    def go_up(self) -> None:
        self.commit("as written")
        ran = self.folder("push", "--json")
        up = self.posts()
        said = ran.stdout + ran.stderr
        for path in sorted((self.folder.root / "posts").glob("*.md")):
            if path.name not in up:
                self.report.refused[path.name] = _about(path.name, said)
                path.unlink()
        self.report.files = len(up)
        for name, diff in self.differences().items():
            if name in up and not _only_an_id(diff):
                self.report.touched_by_push[name] = diff
        self.commit("sent")

    def save_in_editor(self) -> None:
        posts = self.posts()
        texts = [json.dumps(post["lexical"]) for post in posts.values()]
        saved = editor_saves(texts)
        for (name, post), text in zip(posts.items(), saved, strict=True):
            if not same(post["lexical"], json.loads(text)):
                self.report.edited_by_editor[name] = "the editor itself changed the document"
        together(
            lambda pair: put_lexical(self.ghost, pair[0], pair[1]),
            list(zip(posts.values(), saved, strict=True)),
        )
        self.sync()
        self.report.changed_by_save = self.differences()
        self.commit("saved in the editor")

    def change_words(self) -> None:
        before = {}
        edits = []
        for name, post in self.posts().items():
            changed = _with_another_word(post["lexical"], name)
            if changed is not None:
                edits.append((post, json.dumps(changed)))
                before[name] = (self.folder.root / "posts" / name).read_text(encoding="utf-8")
        together(lambda pair: put_lexical(self.ghost, pair[0], pair[1]), edits)
        self.sync()
        self.report.words = len(edits)
        differences = self.differences()
        for name, text in before.items():
            verdict = _extent(text, differences.get(name, ""))
            if verdict == "line":
                self.report.one_line += 1
            elif verdict:
                self.report.more_than_a_block[name] = f"{verdict}\n{differences.get(name, '')}"
        self.commit("one word changed in Ghost")
        ran = self.sync()
        if ran.returncode or self.differences():
            self.report.unsettled = ran.stdout[-2000:] + ran.stderr[-2000:]


def _about(name: str, said: str) -> str:
    """What a JSON report says about one file."""
    try:
        document = json.loads(said)
    except ValueError:
        return said[-500:]
    found = [json.dumps(entry) for entry in _entries(document) if name in json.dumps(entry)]
    return min(found, key=len) if found else "nothing was said about it"


def _entries(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _entries(item)


def _only_an_id(diff: str) -> bool:
    """Whether a first push wrote only the line with the id (and a block around it, where there was none)."""
    body = [line for line in diff.splitlines() if line[:1] in "+-" and not line.startswith(("+++", "---"))]
    added = [line[1:].strip() for line in body if line[0] == "+"]
    removed = [line for line in body if line[0] == "-"]
    new = [line for line in added if line not in ("---", "") and not _ID.match(line)]
    return not removed and not new


def _with_another_word(document: dict[str, Any], seed: str) -> dict[str, Any] | None:
    """The document with one word of one text replaced; which one, the seed decides. None if it has no text."""
    made = copy.deepcopy(document)
    texts = [
        node
        for node in _entries(made["root"]["children"])
        if node.get("type") in ("text", "extended-text") and _WORD.search(node.get("text", ""))
    ]
    if not texts:
        return None
    number = int(hashlib.sha256(seed.encode()).hexdigest(), 16)
    node = texts[number % len(texts)]
    words = list(_WORD.finditer(node["text"]))
    word = words[number // len(texts) % len(words)]
    node["text"] = node["text"][: word.start()] + NEW_WORD + node["text"][word.end() :]
    return made


def _extent(before: str, diff: str) -> str:
    """ "line" if a diff changes one line, "" if it stays in one block of the old text, else what is wrong."""
    hunks = [[int(part or 1) for part in hunk] for hunk in _HUNK.findall(diff)]
    if not hunks:
        return "the word did not arrive"
    if NEW_WORD not in diff:
        return "another change arrived"
    if len(hunks) == 1 and hunks[0][1] == hunks[0][3] == 1:
        return "line"
    first = hunks[0][0]
    last = max(start + max(count, 1) - 1 for start, count, _, _ in hunks)
    line = 1
    for block in read_blocks(_with_blank_matter(before)):
        end = line + block.source.count("\n")
        if block.nodes and line <= first and last <= end:
            return ""
        line = end
    return f"lines {first} to {last} are more than one block"


def _with_blank_matter(text: str) -> str:
    """The text with its front matter as blank lines, so that its blocks keep their line numbers."""
    text = text.replace("\r\n", "\n")
    for mark in ("---", "+++"):
        if text.startswith(f"{mark}\n") and f"\n{mark}\n" in text[3:]:
            end = text.index(f"\n{mark}\n", 3) + 5
            return "\n" * text[:end].count("\n") + text[end:]
    return text


def measure(ghost: RealGhost, source: Path, work: Path, limit: int) -> Report:
    """Run everything on the first `limit` files of a folder, in the new folder `work`."""
    folder = Folder(ghost, work)
    (work / ".gitignore").write_text("/.ghostsync/\n", encoding="utf-8")
    paths = [path for path in sorted(source.rglob("*")) if path.suffix in (".md", ".markdown")]
    for path in paths[:limit]:
        name = "-".join(path.relative_to(source).with_suffix("").parts) + ".md"
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        text = _AUTHORS.sub("", text, count=1)
        (work / "posts" / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    measurement = _Measurement(ghost, folder)
    measurement.go_up()
    measurement.save_in_editor()
    measurement.change_words()
    return measurement.report


def main() -> int:
    parser = argparse.ArgumentParser(
        description="What becomes of a blog's files in Ghost and on their way back."
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--posts", type=int, default=200, help="use the first so many files (default: 200)")
    parser.add_argument("--keep", type=Path, help="a new folder for the measurement's git repository")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fidelity-") as scratch:
        home = Path(scratch) / "ghost"
        home.mkdir()
        with launch(VERSION, home) as ghost:
            report = measure(ghost, options.folder, options.keep or Path(scratch) / "site", options.posts)
    for line in report.lines():
        sys.stdout.write(f"{line}\n")
    for title, entries in (
        ("Refused", report.refused),
        ("Touched by the first push", report.touched_by_push),
        ("Changed by the editor's save", report.changed_by_save),
        ("More than one block for one word", report.more_than_a_block),
    ):
        for name, detail in entries.items():
            mark = f" ({report.edited_by_editor[name]})" if name in report.edited_by_editor else ""
            sys.stdout.write(f"\n== {title}: {name}{mark}\n{detail}\n")
    clean = not (report.touched_by_push or report.changed_by_save or report.more_than_a_block)
    return 0 if clean and not report.unsettled else 1


if __name__ == "__main__":
    sys.exit(main())
