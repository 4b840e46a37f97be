"""Findings in the forms that GitHub Actions and GitLab read. Pure.

Format of the former: https://docs.github.com/actions/reference/workflow-commands-for-github-actions, of the latter:
https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable

from ghostsync.cli.findings import Finding, Level
from ghostsync.config import CONFIG_NAME
from ghostsync.redaction import without_secrets

_SEVERITY = {Level.ERROR: "major", Level.WARNING: "minor", Level.NOTICE: "info"}
_STOPS = frozenset({"halted", "refused", "unreachable", "usage"})


def annotation(finding: Finding, inside: str) -> str:
    """One workflow command of GitHub's. inside: where the folder lies in its repository ("blog/"), "" at the top."""
    properties = {"title": f"ghostsync: {finding.rule}"}
    if finding.path:
        place = {"file": inside + finding.path} | ({"line": str(finding.line)} if finding.line else {})
        properties = place | properties
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{finding.level} {said}::{_data(finding.message)}"


def _data(text: str) -> str:
    return without_secrets(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def code_quality(findings: Iterable[Finding], inside: str) -> str:
    """GitLab's report. A fingerprint stays when the line moves; what is about no file stands in the configuration."""
    seen: Counter[str] = Counter()
    report = []
    for finding in findings:
        path = inside + (finding.path or CONFIG_NAME)
        told = f"{finding.rule}\n{path}\n{finding.what}"
        seen[told] += 1
        mark = hashlib.sha256(f"{told}\n{seen[told]}".encode("utf-8", "surrogateescape")).hexdigest()
        report.append(
            {
                "description": without_secrets(finding.message),
                "check_name": f"ghostsync/{finding.rule.replace(' ', '-')}",
                "fingerprint": mark[:40],
                "severity": "critical" if finding.rule in _STOPS else _SEVERITY[finding.level],
                "location": {"path": path, "lines": {"begin": max(finding.line, 1)}},
            }
        )
    return json.dumps(report, ensure_ascii=True, indent=2) + "\n"
