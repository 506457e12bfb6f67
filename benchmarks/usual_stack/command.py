"""The usual stack as commands: what is set up once, and the night as its scheduler starts it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.cost import Cost, measure

_PROJECT = Path(__file__).resolve().parent / "dbt"
_JOB = ("job", "execute", "-m", "benchmarks.usual_stack.definitions", "-j", "nightly")


def first_build(feeds: Path, folder: Path, log: Path) -> Cost:
    """Load all feeds, build and check everything in a folder made anew, measured.

    Parsing the dbt project is part of its deployment, as it is of ours, and is not measured.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copytree(_PROJECT, folder / "dbt", ignore=shutil.ignore_patterns("target", "logs"))
    (folder / "dagster").mkdir()
    environment = {
        "USUAL_STACK_FEEDS": str(feeds.absolute()),
        "USUAL_STACK_HOME": str(folder.absolute()),
        "DAGSTER_HOME": str((folder / "dagster").absolute()),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    parse = ["dbt", "parse", "--project-dir", "dbt", "--profiles-dir", "dbt"]
    subprocess.run(parse, cwd=folder, env=os.environ | environment, check=True, capture_output=True)
    dagster = str(Path(sys.executable).with_name("dagster"))
    return measure([dagster, *_JOB], environment, log)


def models() -> int:
    """How many models it has."""
    return len(list((_PROJECT / "models").rglob("*.sql")))


def models_of_ours() -> int:
    """How many models the project has, on the same files."""
    from orchestration.project import read_manifest

    nodes = read_manifest()["nodes"].values()
    return sum(node["resource_type"] == "model" for node in nodes)
