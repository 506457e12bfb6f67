"""Runs killed one after another, and an undisturbed one behind them: like never disturbed.

Four kills here; `python -m evaluation crash` makes sixty, at any moment.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from demo.scale import SCALES
from orchestration import demo as command
from orchestration.lock import RunLock
from tests.conftest import ROOT
from tests.generated import SCALE, GeneratedRetailer

KILLS = """
import json, sys
from pathlib import Path
from evaluation.crash import homes
from evaluation.crash.moments import WRITING, Moment
from evaluation.crash.trial import make_twin, try_moments
from orchestration.refresh import warm
warm()
base, work = homes.site_of(Path(sys.argv[1])), Path(sys.argv[2])
twin = make_twin(base, work / "twin")
places = ("ingest_pos", "build_marts", "publish", WRITING)
outcome = try_moments(base, work / "trial", [Moment(place, 0.4) for place in places], twin)
print(json.dumps({
    "died_in": outcome.died_in, "complaints": outcome.complaints, "healed": outcome.healed_with,
    "reads": outcome.reads.count, "versions": len(outcome.reads.versions),
}))
"""


@pytest.fixture
def delivered(
    generated_demo: GeneratedRetailer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> GeneratedRetailer:
    """The published demo with one more night in its feeds."""
    retailer = generated_demo.copy_to(tmp_path / "base")
    monkeypatch.setitem(SCALES, SCALE.name, SCALE)
    assert command.main(["night", str(retailer.root)]) == 0
    RunLock.release(retailer.home.lock)
    return retailer


def test_kills_leave_no_trace_and_readers_see_whole_versions(
    delivered: GeneratedRetailer, tmp_path: Path
) -> None:
    """In a process of its own, since each run is a fork that must not inherit the engine."""
    done = subprocess.run(
        [sys.executable, "-c", KILLS, str(delivered.root), str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["complaints"] == []
    assert outcome["healed"] == 0
    assert len(outcome["died_in"]) == 4
    assert outcome["reads"] > 20
    assert outcome["versions"] in (1, 2)
