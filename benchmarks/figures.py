"""What a benchmark found, as a line of the table and as a row of ``var/bench.json``."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

OUTCOME = Path("var/bench.json")


@dataclass(frozen=True)
class Figure:
    """One line. ``ratio`` is what the reference makes of the figure; ``target`` says in words what ``ok`` decided."""

    id: str
    what: str
    figure: float
    reference: float | None
    ratio: float | None
    target: str
    ok: bool


def at_least(id_: str, what: str, figure: float, reference: float, least: float) -> Figure:
    """A figure that is good when it is at least ``least`` times its reference."""
    ratio = figure / reference
    return Figure(id_, what, figure, reference, ratio, f"≥ {least:g} ×", ratio >= least)


def at_most(id_: str, what: str, figure: float, reference: float, most: float) -> Figure:
    """A figure that is good when it is at most ``most`` times its reference."""
    ratio = figure / reference
    return Figure(id_, what, figure, reference, ratio, f"≤ {most:g} ×", ratio <= most)


def below(id_: str, what: str, figure: float, limit: float, *, unit: str, reference: float | None = None) -> Figure:
    """A figure with a limit of its own; its reference is for comparison only."""
    ratio = figure / reference if reference else None
    return Figure(id_, what, figure, reference, ratio, f"≤ {limit:g} {unit}", figure <= limit)


def paired(figures: Sequence[float], references: Sequence[float]) -> tuple[float, float]:
    """A figure and its reference whose ratio is the median ratio of the interleaved pairs; the figure is the median figure."""
    ratio = median(figure / reference for figure, reference in zip(figures, references, strict=True))
    return median(figures), median(figures) / ratio


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that ``share`` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def table(figures: Sequence[Figure]) -> str:
    """All figures below each other."""
    rows = [("", "what", "figure", "reference", "ratio", "target", "")]
    rows += [
        (one.id, one.what, _number(one.figure), _number(one.reference), _number(one.ratio), one.target, "pass" if one.ok else "short")
        for one in figures
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    left = {0, 1, 6}
    return "\n".join("  ".join(_padded(row, widths, left)) for row in rows)


def _padded(row: Sequence[str], widths: Sequence[int], left: set[int]) -> list[str]:
    pairs = enumerate(zip(row, widths, strict=True))
    return [cell.ljust(width) if column in left else cell.rjust(width) for column, (cell, width) in pairs]


def write(figures: Sequence[Figure]) -> None:
    """Leave the outcome for programs."""
    OUTCOME.parent.mkdir(parents=True, exist_ok=True)
    OUTCOME.write_text(json.dumps([asdict(figure) for figure in figures], indent=2, ensure_ascii=False) + "\n")


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits are as much as is true
