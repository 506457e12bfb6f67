"""What is printed about faults: a line as each comes out, and the table in the end."""

from __future__ import annotations

import sys

from evaluation.faults.model import Fault, Verdict

_MESSAGE = 110


def say_shared(verdicts: list[Verdict]) -> None:
    """A line of progress about a night of several faults that came out wrongly."""
    wrong = sum(bool(verdict.complaints) for verdict in verdicts)
    print(
        f"… {wrong} of {len(verdicts)} faults of one night came out wrongly; again in halves",
        file=sys.stderr,
        flush=True,
    )


def say_verdict(verdict: Verdict) -> None:
    """A line of progress, and what was not as it must be."""
    mark = "✗" if verdict.complaints else "✓"
    print(f"{mark} {verdict.fault} ({verdict.seconds:.0f} s)", file=sys.stderr, flush=True)
    for complaint in verdict.complaints:
        print(f"    {complaint}", file=sys.stderr, flush=True)


def print_table(verdicts: list[tuple[Fault, Verdict]], seconds: float) -> None:
    """A row a fault, in the order of the registry, and how many came out as they must."""
    rows = [
        (
            fault.name,
            fault.table,
            verdict.caught,
            "ok" if not verdict.complaints else "WRONG",
            verdict.message[:_MESSAGE],
        )
        for fault, verdict in verdicts
    ]
    rows.insert(0, ("fault", "table", "caught", "verdict", "message"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for *cells, message in rows:
        padded = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        print(f"{padded}  {message}".rstrip())
    good = sum(not verdict.complaints for _, verdict in verdicts)
    kinds = len({fault.kind for fault, _ in verdicts})
    tables = len({fault.table for fault, _ in verdicts})
    print(
        f"{good} of {len(verdicts)} faults of {kinds} kinds in {tables} tables came out as they "
        f"must, in {seconds / 60:.1f} min"
    )
