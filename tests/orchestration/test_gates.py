"""A failing critical expectation at each gate stops what follows, under both executors."""

from __future__ import annotations

import os
import subprocess
import sys

import dagster as dg
import pytest

from tests.conftest import ROOT, Retailer
from tests.orchestration.failing_gate import definitions

BEHIND = {
    "raw": {"build_staging", "staging_gate", "build_intermediate", "build_marts", "marts_gate"},
    "staging": {"build_intermediate", "build_marts", "marts_gate"},
    "marts": set(),
}

RUN = """
import dagster as dg, sys
from dagster import reconstructable
from orchestration import home as homes
from orchestration.instance import use_instance
from orchestration.lock import RunLock
from orchestration.refresh import settle
from tests.orchestration.failing_gate import nightly_refresh

if __name__ == "__main__":
    home, _ = homes.load()
    RunLock.acquire(home.lock)
    use_instance(home)
    with dg.DagsterInstance.get() as instance:
        result = dg.execute_job(reconstructable(nightly_refresh), instance=instance)
    assert not result.success
    sys.exit(settle(home, result.run_id))
"""


@pytest.mark.parametrize("layer", ["raw", "staging", "marts"])
def test_a_failing_gate_stops_what_follows(
    demo: Retailer, layer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    version, served = demo.version(), demo.home.served.read_bytes()
    failing = definitions(layer, dg.in_process_executor)
    monkeypatch.setattr("orchestration.definitions.defs", failing)
    assert demo.refresh() == 1
    _assert_stopped(demo, layer)
    assert (demo.version(), demo.home.served.read_bytes()) == (version, served)


def test_it_stops_them_under_the_multiprocess_executor_too(demo: Retailer) -> None:
    """In a process of its own, from which each step's is forked.

    At the first gate: what lies behind it is the same graph whatever runs the steps.
    """
    version, served = demo.version(), demo.home.served.read_bytes()
    demo.use()
    script = demo.root / "run_failing_gate.py"
    script.write_text(RUN)
    os.environ |= {"TOKUI_TEST_GATE": "raw", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr[-3000:]
    _assert_stopped(demo, "raw")
    assert (demo.version(), demo.home.served.read_bytes()) == (version, served)


def _assert_stopped(demo: Retailer, layer: str) -> None:
    assert demo.status() == "stopped"
    assert f"the {layer} gate stopped the run" in demo.message()
    assert "made_to_fail" in demo.message()
    run = demo.journal.last_runs(1)[0].run_id
    done_steps = demo.journal.query("select step from ops.steps where run_id = ?", [run])
    steps = {row[0] for row in done_steps}
    assert f"{layer}_gate" in steps
    assert not steps & (BEHIND[layer] | {"publish"})
