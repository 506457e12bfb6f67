"""Runs killed one after another, and an undisturbed one behind them: like never disturbed.

Two kills here, in the middle of a run and while its version is written, beside one reader; `make
crash` makes sixty, at any moment, beside two.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.generated import FirstNight

KILLS = """
import json, sys
from pathlib import Path
from evaluation.crash import homes, readers
from evaluation.crash.moments import WRITING, Moment
from evaluation.crash.trial import try_moments, twin_of
from orchestration.home import Home
from orchestration.refresh import warm
warm()
readers.READERS = 1
base, twin, work = homes.site_of(Path(sys.argv[1])), twin_of(Home(Path(sys.argv[2]))), sys.argv[3]
moments = [Moment(place, 0.25) for place in ("build_intermediate", WRITING)]
outcome = try_moments(base, Path(work) / "trial", moments, twin)
print(json.dumps({
    "died_in": outcome.died_in, "complaints": outcome.complaints, "healed": outcome.healed_with,
    "reads": outcome.reads.count, "versions": len(outcome.reads.versions),
}))
"""


def test_kills_leave_no_trace_and_readers_see_whole_versions(
    first_night: FirstNight, tmp_path: Path
) -> None:
    """In a process of its own, since each run is a fork that must not inherit the engine."""
    homes = first_night.delivered.root, first_night.published.root
    done = subprocess.run(
        [sys.executable, "-c", KILLS, *map(str, homes), str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["complaints"] == []
    assert outcome["healed"] == 0
    assert len(outcome["died_in"]) == 2
    assert outcome["reads"] > 20
    assert outcome["versions"] in (1, 2)
