"""What the doctor says of Python, packages, the engine and the dbt project."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import duckdb
import pytest

from orchestration import project
from orchestration.doctor import installation
from orchestration.doctor.finding import Level


def test_python(monkeypatch: pytest.MonkeyPatch, words) -> None:
    assert "Python 3." in words(installation.check_python(), Level.OK)
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    assert "Python 3.10.4 is too old" in words(installation.check_python(), Level.FAIL)


def test_packages_as_pinned_and_otherwise(tmp_path: Path, words) -> None:
    constraints = tmp_path / "constraints.txt"
    constraints.write_text(f"duckdb=={version('duckdb')}\n", encoding="utf-8")
    assert "1 of them pinned" in words(installation.check_packages(constraints), Level.OK)
    constraints.write_text("duckdb==0.1\ngreat_expectations==0.2\n", encoding="utf-8")
    said = words(installation.check_packages(constraints), Level.WARN)
    assert f"duckdb {version('duckdb')} (tested with 0.1)" in said
    assert "great-expectations" in said


def test_a_package_that_is_missing(monkeypatch: pytest.MonkeyPatch, words) -> None:
    monkeypatch.setattr(
        installation,
        "requires",
        lambda name: ["duckdb>=1", "no-such-package>=1,<2", 'splink>=5; extra == "splink"'],
    )
    said = words(installation.check_packages(), Level.FAIL)
    assert "not installed: no-such-package " in said


def test_an_engine_that_would_fetch_extensions(monkeypatch: pytest.MonkeyPatch, words) -> None:
    assert "not fetched" in words(installation.check_engine(), Level.OK)

    @contextmanager
    def careless(path: Path):
        with duckdb.connect(config={"autoload_known_extensions": True}) as connection:
            connection.execute("set autoinstall_known_extensions = false")
            yield connection

    monkeypatch.setattr(installation, "connect", careless)
    said = words(installation.check_engine(), Level.FAIL)
    assert "autoload_known_extensions switched on" in said


def test_a_project_that_is_not_parsed_as_it_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words
) -> None:
    project.ensure_manifest()
    assert "unchanged" in words(installation.check_project(), Level.OK)
    monkeypatch.setattr(project, "MANIFEST", tmp_path / "manifest.json")
    assert "not parsed" in words(installation.check_project(), Level.WARN)
