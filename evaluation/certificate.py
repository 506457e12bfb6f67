"""Is the planted retailer as hard as it claims, and does the warehouse solve it? Seed by seed.

The bounds are the difficulty of a measured Japanese CRM (about half of a person's records share
anything that a careful reader could join on; joining on whatever is equal makes one cluster of
thousands) and what rules must reach on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from evaluation.identity import IdentityReport, evaluate, render
from evaluation.pipeline import tokui

USABLE_SHARE = (0.50, 0.60)
MAX_NAIVE_PRECISION = 0.05
MIN_PRECISION = 0.955
MIN_B_CUBED = 0.87
MAX_MIXED_CLUSTER = 8
MIN_RECALL_OF_USABLE = 0.95
"""Share of the pairs with a usable key that must be joined."""


def main(work: Path, scale: str, seeds: Iterable[int]) -> int:
    """Generate, refresh and judge a retailer for each seed; 1 when one is out of bounds.

    Args:
        work: folder for the homes, `<scale>-<seed>`; one that is there is used as it is.
    """
    status = 0
    for seed in seeds:
        home = work / f"{scale}-{seed}"
        tokui(home, "demo", "--scale", scale, "--seed", str(seed))
        report = evaluate(home)
        complaints = out_of_bounds(report)
        print(f"{scale}, seed {seed}", *render(report), *complaints, sep="\n", flush=True)
        status = max(status, int(bool(complaints)))
    return status


def out_of_bounds(report: IdentityReport) -> list[str]:
    """What the report breaks of the certificate, in words; empty when it holds."""
    low, high = USABLE_SHARE
    warehouse, usable = report.warehouse, report.usable_share or 0
    recall_wanted = MIN_RECALL_OF_USABLE * usable
    checks = (
        (
            low <= usable <= high,
            f"the share of true pairs with a usable key is not in [{low}, {high}]",
        ),
        (
            (report.naive.precision or 0) < MAX_NAIVE_PRECISION,
            f"the naive join's precision is not below {MAX_NAIVE_PRECISION}",
        ),
        (
            (warehouse.precision or 0) >= MIN_PRECISION,
            f"the warehouse's precision is below {MIN_PRECISION}",
        ),
        (
            (warehouse.bcubed_f1 or 0) >= MIN_B_CUBED,
            f"the warehouse's B-cubed F1 is below {MIN_B_CUBED}",
        ),
        (
            warehouse.biggest_mixed_cluster <= MAX_MIXED_CLUSTER,
            f"a customer of several people has more than {MAX_MIXED_CLUSTER} records",
        ),
        (
            (warehouse.recall or 0) >= recall_wanted,
            f"the warehouse's recall is below {recall_wanted:.3f}, "
            f"{MIN_RECALL_OF_USABLE:.0%} of the share with a usable key",
        ),
    )
    return [complaint for holds, complaint in checks if not holds]
