"""docs/reliability.md names a test for each promise; a name that no test has would be a promise nobody keeps."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOLD = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")


def rows(heading):
    section = TOLD.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| ")][1:]


def test_every_test_that_the_table_names_exists():
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", TOLD))
    written = set(re.findall(r"def (test_\w+)\(", sources))
    assert len(named) > 50
    assert named - written == set()


def test_every_row_names_a_test_that_proves_it():
    promises = [*rows("Invariants"), *rows("Faults")]
    assert [row for row in promises if not re.search(r"`test_\w+`", row.split(" | ")[-1])] == []


def test_no_invariant_is_left_out():
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows("Invariants")] == [
        f"I{number}" for number in range(1, 18)
    ]
