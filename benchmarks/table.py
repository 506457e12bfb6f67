"""The stored measurements as Markdown: what each case cost, and which bounds hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import growth
from benchmarks.records import Measurement, Records, of_last_commit

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_WHAT = ("cpu_seconds", "wall_seconds", "peak_mib", "written_mib")
_NAMES = {
    "first_build": "first build",
    "bare": "the bare script",
    "floor": "RFM and customer 360 by hand",
    "usual_stack": "a usual stack, first build",
    "night": "a night",
    "late_night": "a night with late corrections",
    "empty_night": "a night without news",
    "status": "`tokui status`",
    "tiny": "first build of sixty people",
}
_GATES = ("raw_gate", "staging_gate", "marts_gate")


@dataclass(frozen=True)
class Found:
    """The measurements of one state of the code."""

    measurements: Sequence[Measurement]

    @property
    def sizes(self) -> list[float]:
        """Sizes that were measured, in millions of lines."""
        return sorted({m.lines for m in self.measurements})

    def of(self, case: str, lines: float | None = None) -> list[Measurement]:
        """Runs of a case at a size, or at any."""
        return [m for m in self.measurements if m.case == case and lines in (m.lines, None)]

    def median(self, case: str, lines: float | None, what: str = "cpu_seconds") -> float | None:
        """Median of a cost; None where the case was not measured."""
        values = [getattr(m.cost, what) for m in self.of(case, lines)]
        return median(values) if values else None

    def part(self, case: str, lines: float, wanted: Callable[[str], bool]) -> float | None:
        """Median of the CPU seconds of some of a case's parts."""
        sums = [sum(s for n, s in m.parts.items() if wanted(n)) for m in self.of(case, lines)]
        return median(sums) if any(sums) else None

    @property
    def fixed(self) -> float | None:
        """CPU seconds of the job where there is next to nothing to do."""
        return self.median("tiny", None)


@dataclass(frozen=True)
class Bound:
    """One line of what must hold: the most that is allowed, what was measured, in which unit."""

    what: str
    lines: float
    allowed: float
    measured: float
    unit: str = "s CPU"

    @property
    def is_met(self) -> bool:
        return self.measured <= self.allowed


def main(work: Path, page: Path | None) -> int:
    """Print the table, or put it into a page; 0.

    Raises:
        FileNotFoundError: nothing is stored.
        ValueError: the page has no marks.
    """
    stored = of_last_commit(Records(work.absolute()).all())
    if not stored:
        raise FileNotFoundError(f"nothing is measured in {work}; `python -m benchmarks run`")
    found = Found(stored)
    text = render(found)
    if page is None:
        print(text)
        return 0
    nights = [m for m in stored if m.case in growth.SERIES]
    if growth.is_worth_drawing(nights):
        picture = page.parent / "images" / "growth.svg"
        picture.write_text(growth.draw(nights), encoding="utf-8")
        text += f"\n![{growth.WORDS}](images/{picture.name})\n"
    page.write_text(placed(page.read_text(encoding="utf-8"), text), encoding="utf-8")
    return 0


def placed(page: str, text: str) -> str:
    """The page with the text between its marks.

    Raises:
        ValueError: it has no marks.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{text}\n{END}{after}"


def render(found: Found) -> str:
    """Machine, costs, parts and bounds as Markdown."""
    tables = [_about(found), _costs(found), _alone(found), _compared(found), _bounds(found)]
    return "\n".join(table for table in tables if table)


def bounds(found: Found) -> list[Bound]:
    """What must hold, for each size that was measured; those of 10 million lines are the goal."""
    told = [bound for lines in found.sizes for bound in _bounds_at(found, lines)]
    return told + _growth_bounds(found)


def _bounds_at(found: Found, lines: float) -> Iterable[Bound]:
    fixed = found.fixed
    build, bare = found.median("first_build", lines), found.median("bare", lines)
    if build is not None and bare is not None:
        yield Bound("first build: 1.3 × bare + 15 s", lines, 1.3 * bare + 15, build)
        walls = [found.median(case, lines, "wall_seconds") for case in ("bare", "first_build")]
        if None not in walls:
            allowed = 1.5 * float(walls[0] or 0) + 15
            yield Bound(
                "first build: 1.5 × bare + 15 s", lines, allowed, float(walls[1] or 0), "s wall"
            )
    peak = found.median("first_build", lines, "peak_mib")
    if peak is not None and lines <= 10:
        yield Bound("first build: peak", lines, 3 * 1024, peak, "MiB")
    if peak is not None and lines > 10:
        yield Bound("first build: peak, out of core", lines, 8 * 1024, peak, "MiB")
    night = found.median("night", lines)
    if fixed is not None and build is not None and night is not None:
        allowed = (build - fixed) / 4
        yield Bound(
            "a night beyond the fixed cost: ¼ of the build's", lines, allowed, night - fixed
        )
    if lines == 0.38 and build is not None:
        yield Bound("the `small` demo", lines, 25, build)
    status = found.median("status", lines, "wall_seconds")
    if status is not None:
        yield Bound("`tokui status`", lines, 1.5, status, "s wall")


def _growth_bounds(found: Found) -> list[Bound]:
    """A night on the longest history against a tenth of it."""
    nights = {lines: night for lines in found.sizes if (night := found.median("night", lines))}
    fixed = found.fixed
    if fixed is None:
        return []
    return [
        Bound(
            f"a night beyond the fixed cost: 3 × that on {small:g} M",
            large,
            3 * (nights[small] - fixed),
            nights[large] - fixed,
        )
        for small in nights
        for large in nights
        if 9 <= large / small <= 12
    ]


def _about(found: Found) -> str:
    last = found.measurements[-1]
    machine = last.machine
    packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    return (
        f"Code {last.commit}, measured up to {last.measured_at[:10]}. {machine['cpu']}, "
        f"{machine['cores']} cores, {machine['memory_gib']} GiB, {machine['kernel']}; "
        f"Python {machine['python']}, {packages}.\n"
    )


def _costs(found: Found) -> str:
    rows = [
        [
            f"{lines:g}",
            name,
            *(_spread([getattr(m.cost, what) for m in runs]) for what in _WHAT),
            str(len(runs)),
        ]
        for lines in found.sizes
        for case, name in _NAMES.items()
        if (runs := found.of(case, lines))
    ]
    head = ["million lines", "what", "CPU s", "wall s", "peak MiB", "written MiB", "runs"]
    return _table(head, rows)


def _alone(found: Found) -> str:
    """Parts of the first build, from its journal and from the bare script's statements."""
    chosen: dict[str, tuple[str, Callable[[str], bool]]] = {
        "reading the feeds": ("first_build", lambda name: name.startswith("ingest_")),
        "gates": ("first_build", lambda name: name in _GATES),
        "publication": ("first_build", lambda name: name == "publish"),
        "lifetime value": ("first_build", lambda name: name == "fit_ltv"),
        "identity, its models in the bare script": (
            "bare",
            lambda name: name.startswith("intermediate.identity."),
        ),
        "reading the same files, plainly": ("bare", lambda name: name.startswith("raw.")),
        "all models, in the bare script": (
            "bare",
            lambda name: name.startswith(("staging", "intermediate", "marts")),
        ),
    }
    rows = [
        [f"{lines:g}", what, f"{seconds:,.1f}"]
        for lines in found.sizes
        for what, (case, wanted) in chosen.items()
        if (seconds := found.part(case, lines, wanted)) is not None
    ]
    return _table(["million lines", "part of a first build", "CPU s"], rows) if rows else ""


def _compared(found: Found) -> str:
    rows = []
    for lines in found.sizes:
        ours, theirs = found.median("first_build", lines), found.median("usual_stack", lines)
        if ours and theirs:
            facts = found.of("usual_stack", lines)[-1].facts
            models = f"{facts['models']} models against {facts['models_of_ours']}"
            told = f"a usual stack ÷ Tokui ({models})"
            rows.append([f"{lines:g}", told, f"{theirs / ours:,.1f}"])
        bare = found.median("bare", lines)
        if ours and bare:
            rows.append([f"{lines:g}", "Tokui ÷ the bare script", f"{ours / bare:,.2f}"])
        for floor in found.of("floor", lines)[-1:]:
            for name, facts in floor.facts.get("compared", {}).items():
                ratio = facts["models"] / facts["by_hand"]
                rows.append([f"{lines:g}", f"our models ÷ by hand: {name}", f"{ratio:,.2f}"])
    return _table(["million lines", "CPU against CPU", "ratio"], rows) if rows else ""


def _bounds(found: Found) -> str:
    rows = [
        [
            f"{bound.lines:g}",
            bound.what,
            f"{bound.allowed:,.1f} {bound.unit}",
            f"{bound.measured:,.1f}",
            "yes" if bound.is_met else "**no**",
        ]
        for bound in bounds(found)
    ]
    return _table(["million lines", "bound", "at most", "measured", "met"], rows) if rows else ""


def _spread(values: list[float]) -> str:
    """Median, and the least and the greatest where there are several."""
    middle = f"{median(values):,.1f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):,.1f}–{max(values):,.1f})"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"
