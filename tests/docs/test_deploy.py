"""Units, DAG and scripts of `deploy/`: what schedulers start is what the command offers."""

from __future__ import annotations

import hashlib
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from orchestration.child import BUSY, CRASHED, STOPPED, USAGE
from tests.conftest import Retailer
from tests.docs.arguments import complaint_about
from tests.docs.markdown import ROOT
from tests.docs.shell import simple_commands
from tests.programs import program

DEPLOY = ROOT / "deploy"


def settings_of(unit: str) -> dict[str, list[str]]:
    """Values of a unit file by name; a name may stand there more than once."""
    values: dict[str, list[str]] = {}
    for line in (DEPLOY / unit).read_text().splitlines():
        name, is_setting, value = line.partition("=")
        if is_setting and not line.startswith("#"):
            values.setdefault(name, []).append(value)
    return values


def test_the_service_starts_a_command_that_exists_and_knows_its_exit_statuses() -> None:
    service = settings_of("tokui-refresh.service")
    (command,) = service["ExecStart"]
    assert complaint_about(simple_commands(command)[0]) is None
    assert service["SuccessExitStatus"] == [str(BUSY)]
    assert service["RestartPreventExitStatus"] == [f"{STOPPED} {USAGE}"]
    assert str(CRASHED) not in service["RestartPreventExitStatus"][0]


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    analyze = program("systemd-analyze")
    text = (DEPLOY / "tokui-refresh.service").read_text()
    for own, there in (("/opt/tokui/.venv/bin/tokui", "/bin/true"), ("=/opt/tokui", "=/")):
        text = text.replace(own, there)
    (tmp_path / "tokui-refresh.service").write_text(text)
    shutil.copy(DEPLOY / "tokui-refresh.timer", tmp_path)
    units = [str(path) for path in tmp_path.iterdir()]
    verified = subprocess.run([analyze, "verify", *units], capture_output=True, text=True)
    assert verified.returncode == 0 and "Unknown" not in verified.stderr, verified.stderr
    (when,) = settings_of("tokui-refresh.timer")["OnCalendar"]
    subprocess.run([analyze, "calendar", when], check=True, capture_output=True)


def test_the_dag_skips_when_another_run_is_going(monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {}

    class Dag:
        def __init__(self, **options: Any) -> None:
            made["dag"] = options

        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None: ...

    for name, members in {
        "airflow": {},
        "airflow.sdk": {"DAG": Dag},
        "airflow.providers": {},
        "airflow.providers.standard": {},
        "airflow.providers.standard.operators": {},
        "airflow.providers.standard.operators.bash": {
            "BashOperator": lambda **options: made.update(task=options)
        },
    }.items():
        module = ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)
    runpy.run_path(str(DEPLOY / "airflow_dag.py"))
    assert made["task"]["skip_on_exit_code"] == BUSY
    assert made["dag"]["max_active_runs"] == 1 and made["dag"]["catchup"] is False
    assert complaint_about(simple_commands(made["task"]["bash_command"])[-1]) is None


def script(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(DEPLOY / name), *map(str, arguments)], capture_output=True, text=True
    )


def files_of(home: Path) -> dict[str, str]:
    """Digest of each file that a backup must bring back."""
    parts = [home / name for name in ("current", "ops", "published", "secret.key")]
    files = [file for part in parts for file in (part, *part.rglob("*")) if file.is_file()]
    return {
        file.relative_to(home).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
    }


def test_a_lost_warehouse_comes_back_whole(demo: Retailer, tmp_path: Path) -> None:
    home = demo.home.root
    (home / "secret.key").write_text("a key")
    before = files_of(home)
    made = script("backup.sh", home, tmp_path / "backups")
    assert made.returncode == 0, made.stderr
    assert sorted(p.suffix for p in (tmp_path / "backups").iterdir()) == [".sha256", ".tar"]
    archive = Path(made.stdout.strip())
    assert archive.stat().st_mode & 0o077 == 0, "names and addresses, for everybody to read"
    refused = script("restore.sh", archive, home)
    assert refused.returncode == 2 and "is there" in refused.stderr
    assert files_of(home) == before
    restored = script("restore.sh", archive, tmp_path / "restored")
    assert restored.returncode == 0, restored.stderr
    assert files_of(tmp_path / "restored") == before


def test_no_backup_is_made_while_a_run_is_going(published_demo: Retailer, tmp_path: Path) -> None:
    held = subprocess.run(
        [
            "flock",
            str(published_demo.home.lock),
            "sh",
            str(DEPLOY / "backup.sh"),
            str(published_demo.home.root),
            str(tmp_path / "backups"),
        ],
    )
    assert held.returncode == BUSY
    assert not (tmp_path / "backups").exists()


def test_a_backup_that_cannot_be_written_ends_with_four(
    published_demo: Retailer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a_file").touch()
    assert script("backup.sh", published_demo.home.root, tmp_path / "a_file").returncode == CRASHED
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sha256sum").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bin" / "sha256sum").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    made = script("backup.sh", published_demo.home.root, tmp_path / "backups")
    assert made.returncode == CRASHED
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_damaged_archive_restores_nothing(published_demo: Retailer, tmp_path: Path) -> None:
    archive = Path(
        script("backup.sh", published_demo.home.root, tmp_path / "backups").stdout.strip()
    )
    with archive.open("r+b") as file:
        file.seek(archive.stat().st_size // 2)
        file.write(b"spoilt")
    refused = script("restore.sh", archive, tmp_path / "restored")
    assert refused.returncode == CRASHED
    assert not (tmp_path / "restored").exists()
