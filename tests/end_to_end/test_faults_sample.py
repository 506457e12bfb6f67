"""Twelve of the faults of `make faults`, by the command that people use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.generated import SCALE, GeneratedRetailer

SAMPLE = (
    "a channel that is none",
    "a payment by a method that is none",
    "a closing with a column too few",
    "lines as Parquet of texts",
    "a ticket that is lost",
    "stores in CP932",
    "a total that is no longer sent",
    "line numbers became words",
    "an archive cut off",
    "a barcode for an amount",
    "a store's day is missing",
    "a product that the master lacks",
)
"""Of every outcome some; those that leave each other alone share a night."""


def test_a_sample_of_faults_comes_out_as_it_must(
    generated_demo: GeneratedRetailer, tmp_path: Path
) -> None:
    command = subprocess.run(
        [
            *(sys.executable, "-m", "evaluation", "faults", "--work", str(tmp_path)),
            *("--base", str(generated_demo.root), "--people", str(SCALE.people), "--jobs", "1"),
            *("--only", *SAMPLE),
        ],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert command.returncode == 0, command.stdout + command.stderr
    assert f"{len(SAMPLE)} of {len(SAMPLE)} faults" in command.stdout
