"""Draws what the soak measured as an SVG: memory, descriptors and the database over time, and when what was disturbed."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, TOP, GAP = 860, 110, 70, 40, 34
COLOURS = {"Ghost restarted": "#b45309", "network cut": "#7c3aed", "daemon killed": "#dc2626"}
ROWS = (("memory, MB", 1), ("descriptors", 2), ("database, MB", 3))


def picture(
    samples: list[tuple[float, float, int, float]], events: list[tuple[float, str]], target: Path
) -> None:
    """samples: (seconds, MB, descriptors, MB of database). events: (seconds, what)."""
    end = max(sample[0] for sample in samples) or 1.0
    parts: list[str] = []

    def across(seconds: float) -> float:
        return LEFT + (WIDTH - LEFT - 20) * seconds / end

    for row, (name, column) in enumerate(ROWS):
        top = TOP + row * (HEIGHT + GAP)
        highest = max(float(sample[column]) for sample in samples) * 1.15 or 1.0

        def down(value: float, top: int = top, highest: float = highest) -> float:
            return top + HEIGHT * (1 - value / highest)

        parts.append(
            f'<rect x="{LEFT}" y="{top}" width="{WIDTH - LEFT - 20}" height="{HEIGHT}" class="frame"/>'
        )
        parts.append(f'<text x="{LEFT}" y="{top - 6}">{escape(name)}</text>')
        for share in (0.0, 0.5, 1.0):
            value = highest * share
            parts.append(f'<text x="{LEFT - 6}" y="{down(value) + 4:.0f}" class="right">{value:.0f}</text>')
        parts += [
            f'<path d="M{across(seconds):.1f} {top}v{HEIGHT}" stroke="{COLOURS[what]}"/>'
            for seconds, what in events
        ]
        points = " ".join(f"{across(sample[0]):.1f},{down(float(sample[column])):.1f}" for sample in samples)
        parts.append(f'<polyline points="{points}"/>')
    bottom = TOP + len(ROWS) * (HEIGHT + GAP)
    for minute in range(0, int(end // 60) + 1, max(1, int(end // 600))):
        parts.append(
            f'<text x="{across(minute * 60):.0f}" y="{bottom - GAP + 16}" class="middle">{minute} min</text>'
        )
    for number, (what, colour) in enumerate(COLOURS.items()):
        x = LEFT + number * 180
        parts.append(f'<line x1="{x}" y1="{bottom + 6}" x2="{x + 18}" y2="{bottom + 6}" stroke="{colour}"/>')
        parts.append(f'<text x="{x + 24}" y="{bottom + 10}">{escape(what)}</text>')
    style = (
        "text{font:12px sans-serif;fill:#444}.right{text-anchor:end}.middle{text-anchor:middle}"
        ".frame{fill:none;stroke:#ccc}polyline{fill:none;stroke:#0369a1;stroke-width:1.5}"
    )
    target.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 24}" role="img">'
        f'<title>The daemon during the soak</title><rect width="100%" height="100%" fill="white"/>'
        f"<style>{style}</style>{''.join(parts)}</svg>\n",
        encoding="utf-8",
    )
