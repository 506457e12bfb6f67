"""Eleven of the faults of `make faults`, by the command that people use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.generated import FirstNight

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
)
"""Of every outcome that keeps something back; those that leave each other alone share a night."""


def test_a_sample_of_faults_comes_out_as_it_must(first_night: FirstNight, tmp_path: Path) -> None:
    """The good nights that they are held against are those that other tests share."""
    first_night.delivered.copy_to(tmp_path / "faults" / "base")
    first_night.published.copy_to(tmp_path / "faults" / "clean")
    command = subprocess.run(
        [
            *(sys.executable, "-m", "evaluation", "faults", "--work", str(tmp_path)),
            *("--reuse", "--jobs", "1", "--only", *SAMPLE),
        ],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert command.returncode == 0, command.stdout + command.stderr
    assert f"{len(SAMPLE)} of {len(SAMPLE)} faults" in command.stdout
