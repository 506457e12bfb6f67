"""The command as schedulers meet it: exit statuses, messages, and what it does not import."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from ingestion.decisions import Action
from orchestration.child import how_it_ended
from orchestration.decisions import decide
from tests.conftest import ROOT
from tests.orchestration.conftest import SmallHome
from tests.orchestration.test_lock import HOLD

LIGHT_SECONDS = 1.5
"""CPU of a command that only reads, in the best of three tries: caches are shared with others."""
HEAVY = ("dagster", "dbt", "great_expectations", "dlt", "demo", "evaluation")


@pytest.fixture
def tokui(small: SmallHome) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command on the small home."""
    return lambda *arguments, **environment: run_tokui(
        small.home.root, small.settings.source, *arguments, **environment
    )


def environment_of(home: Path, config: Path) -> dict[str, str]:
    """Of a command on a home: nothing of this process's own settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TOKUI_", "DAGSTER_HOME"))}
    return kept | {"TOKUI_HOME": str(home), "TOKUI_CONFIG": str(config)}


def run_tokui(
    home: Path, config: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "orchestration.cli", *arguments],
        cwd=ROOT,
        env=environment_of(home, config) | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def test_a_missing_configuration_is_2_and_says_what_to_do(tokui, tmp_path: Path) -> None:
    for command in ("refresh", "status", "digest"):
        done = tokui(command, TOKUI_CONFIG=str(tmp_path / "none.toml"))
        assert done.returncode == 2, done.stderr
        assert "no configuration at" in done.stderr
        assert "TOKUI_CONFIG" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["refresh", "--as-of", "30.9.2026"], "30.9.2026 is no date such as 2026-09-30"),
        (["refresh", "--each-day", "--as-of", "2026-09-30"], "leave --as-of out"),
        (["inspect", "nothing"], "no run nothing; `tokui status` lists them"),
        (["digest"], "nothing is published yet"),
        (["fly"], "invalid choice"),
        ([], "required"),
    ],
    ids=str,
)
def test_wrong_usage_is_2(tokui, arguments: list[str], message: str) -> None:
    done = tokui(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("status", "meaning", "words"),
    [
        (1, 1, ""),
        (-signal.SIGKILL, 4, "was killed by SIGKILL (out of memory?)"),
        (-signal.SIGTERM, 4, "was killed by SIGTERM. The last publication stays"),
        (127, 4, "ended without a word (status 127) (out of memory?)"),
    ],
)
def test_a_child_that_cannot_speak_is_spoken_for(status: int, meaning: int, words: str) -> None:
    found, said = how_it_ended(status)
    assert found == meaning
    assert words in said and bool(words) == bool(said)


def test_another_run_is_3_and_found_out_at_once(tokui, small: SmallHome) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(small.home.lock)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    start = time.monotonic()
    done = tokui("refresh")
    took = time.monotonic() - start
    holder.kill()
    holder.wait()
    assert done.returncode == 3
    assert f"another run is going (process {holder.pid})" in done.stderr
    assert took < 60, "a run that waits for the other waits for ten minutes"


def test_status_before_anything_is_published(tokui) -> None:
    done = tokui("status")
    assert done.returncode == 0
    assert "nothing is published yet; run `tokui refresh`" in done.stdout


def test_status_digest_and_inspect_tell_what_is_published(tokui, small: SmallHome) -> None:
    version = small.publish("run-of-three", 3).version
    small.journal.write(
        "insert into ops.quarantined_rows (table_name, file, line, reason) "
        "values ('raw_pos.receipts', 'r.csv', ?, 'no date')",
        [[1], [2], [3]],
    )
    decide(small.journal, [("raw_pos.receipts", "r.csv", 2, "no date")], Action.DISCARD)
    small.journal.write(
        "insert into ops.gate_acceptances (acceptance_id, suite, expectation, as_of_date, reason, "
        "withdrawn_at) values (?, 'marts.store_daily', 'usual', '2026-09-30', 'festival', ?)",
        [["a1", None], ["a2", datetime(2026, 10, 1)]],
    )
    status = tokui("status")
    assert status.returncode == 0
    for text in (version, "as of 2026-09-30", "2 of 3 passed", "fct_sale", "1,000 rows", " ago"):
        assert text in status.stdout
    assert "2 row(s) wait for a decision" in status.stdout
    assert status.stdout.count("marts.store_daily.usual for 2026-09-30: festival") == 1
    assert "run-of-t" in status.stdout
    digests = tokui("digest")
    tables = json.loads(small.home.manifest.read_text())["tables"]
    assert digests.stdout.splitlines() == [
        f"{table['digest']}  marts.{name}" for name, table in tables.items()
    ]
    inspected = tokui("inspect", "run-of")
    assert inspected.returncode == 0
    assert "published" in inspected.stdout


@pytest.mark.parametrize(
    "command", [["status"], ["report"], ["digest"], ["inspect", "run"]], ids=str
)
def test_reading_commands_are_light(small: SmallHome, command: list[str]) -> None:
    small.publish("run", 3)
    # DuckDB itself imports numpy where a query has parameters, as those of `inspect` do.
    heavy = HEAVY if command[0] == "inspect" else (*HEAVY, "numpy")
    script = (
        "import sys; from orchestration.cli import main; main(sys.argv[1:]); "
        f"print(sorted(set({heavy!r}) & set(sys.modules)), file=sys.stderr)"
    )
    seconds = []
    while len(seconds) < 3 and min(seconds, default=LIGHT_SECONDS) >= LIGHT_SECONDS:
        before = _seconds_of_children()
        done = subprocess.run(
            [sys.executable, "-c", script, *command],
            cwd=ROOT,
            env=environment_of(small.home.root, small.settings.source),
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr.strip() == "[]"
        seconds.append(_seconds_of_children() - before)
    assert min(seconds) < LIGHT_SECONDS


def _seconds_of_children() -> float:
    """CPU seconds, which other processes make longer too, if by less than those of the clock."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_the_parent_passes_a_request_to_end_on(small: SmallHome, tmp_path: Path) -> None:
    """A scheduler ends what it started; the run must not go on without it."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import sys\nfrom orchestration.child import _wait_for\n"
        "code = 'import time; print(\"up\", flush=True); time.sleep(60)'\n"
        "print(_wait_for([sys.executable, '-c', code]))\n"
    )
    parent = subprocess.Popen(
        [sys.executable, str(script)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "up\n"
    parent.send_signal(signal.SIGTERM)
    assert parent.communicate(timeout=10)[0] == f"{-signal.SIGTERM}\n"
