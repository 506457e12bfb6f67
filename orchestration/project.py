"""The dbt project: where it lies, and its manifest, parsed once and used by every run.

Parsing costs more than building the demo. So set-up parses (`python -m orchestration.project`),
Dagster reads `manifest.json`, and what is parsed is handed to dbt where it compiles or documents.
The fingerprint of the project's files tells when it must be parsed again. Set-up also compiles the
project for the default settings (`orchestration.compiled`) and works out the columns of all tables
(`orchestration.columns`), which only the UI shows.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PROJECT_DIR = ROOT / "dbt_project"
TARGET_DIR = PROJECT_DIR / "target"
MANIFEST = TARGET_DIR / "manifest.json"
PARSED = TARGET_DIR / "partial_parse.msgpack"
SEMANTIC_MANIFEST = TARGET_DIR / "semantic_manifest.json"
_FINGERPRINT = TARGET_DIR / "fingerprint"
_PARSERS = ("dbt-core", "dbt-adapters", "dbt-duckdb")
"""Packages whose upgrade may change what a parse gives."""


def ensure_manifest() -> Path:
    """Path of a manifest that fits the project's files; parses when there is none.

    Raises:
        RuntimeError: the project does not parse.
    """
    wanted = _of_files()
    if not _is_current(wanted):
        TARGET_DIR.mkdir(parents=True, exist_ok=True)
        with _only_one_at_a_time():
            if not _is_current(wanted):
                _parse()
                _FINGERPRINT.write_text(wanted)
    return MANIFEST


def is_current() -> bool:
    """Whether the project is parsed as it stands, so that a run need not parse it."""
    return _is_current(_of_files())


def fingerprint() -> str:
    """Of the project as it was parsed last; empty before the first parse."""
    return _FINGERPRINT.read_text() if _FINGERPRINT.exists() else ""


def read_manifest() -> dict[str, Any]:
    """The manifest as a dictionary."""
    return json.loads(ensure_manifest().read_text(encoding="utf-8"))


def load_parsed() -> Any:
    """The parsed manifest as dbt's own object, to hand to a runner."""
    from dbt.contracts.graph.manifest import Manifest

    ensure_manifest()
    manifest = Manifest.from_msgpack(PARSED.read_bytes())
    manifest.build_flat_graph()
    return manifest


def _is_current(wanted: str) -> bool:
    return (
        MANIFEST.exists()
        and PARSED.exists()
        and _FINGERPRINT.exists()
        and _FINGERPRINT.read_text() == wanted
    )


def _parse() -> None:
    from dbt.cli.main import dbtRunner

    result = dbtRunner().invoke(
        [
            "parse",
            "--quiet",
            "--no-partial-parse",
            "--project-dir",
            str(PROJECT_DIR),
            "--profiles-dir",
            str(PROJECT_DIR),
            "--target-path",
            str(TARGET_DIR),
            "--log-path",
            str(TARGET_DIR / "logs"),
        ]
    )
    if not result.success:
        raise RuntimeError(f"the dbt project does not parse: {result.exception}")


def _of_files() -> str:
    """Of dbt's version, and of the names and bytes of everything that dbt reads."""
    digest = hashlib.sha256("".join(f"{name} {version(name)}\0" for name in _PARSERS).encode())
    for path in sorted(PROJECT_DIR.rglob("*")):
        if path.is_file() and TARGET_DIR not in path.parents:
            digest.update(f"{path.relative_to(PROJECT_DIR)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


@contextlib.contextmanager
def _only_one_at_a_time() -> Iterator[None]:
    with (TARGET_DIR / "parse.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    from orchestration.columns import ensure_columns
    from orchestration.transformation import ensure_default

    os.environ.setdefault("DO_NOT_TRACK", "1")
    ensure_columns()
    ensure_default()
