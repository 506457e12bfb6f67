"""Which published version an export reads, and what its files are called."""

from __future__ import annotations

import json
from pathlib import Path

from ingestion.errors import ConfigurationError
from orchestration.home import Home
from orchestration.publication import read_manifest
from serving.exports.tables import PublishedVersion


def find_version(home: Home, name: str = "") -> PublishedVersion:
    """The published version, or a kept one by its name or the beginning of it.

    Raises:
        ConfigurationError: nothing is published, or no kept version, or several, are called so.
    """
    head = read_manifest(home)
    if head is None:
        raise ConfigurationError("export: nothing is published yet. Run `tokui refresh` first.")
    kept = sorted(path for path in home.versions.glob("[!.]*") if (path / "parquet").is_dir())
    wanted = name or head["version"]
    found = [path for path in kept if path.name.startswith(wanted)]
    if len(found) != 1:
        raise ConfigurationError(
            f"export: {'several versions begin' if found else 'no kept version begins'} with "
            f"{wanted}. Kept are: {', '.join(path.name for path in kept) or 'none'}."
        )
    manifest = json.loads((found[0] / "manifest.json").read_text(encoding="utf-8"))
    rows = {table: told["rows"] for table, told in manifest["tables"].items()}
    return PublishedVersion(found[0], manifest["as_of"], rows)


def file_name(name: str, as_of: str) -> str:
    """What the file of a table or list is called where nobody says: `kpi_daily_2026-09-30.csv`."""
    return f"{name}_{as_of}.csv"


def target_of(out: str, default: str) -> Path:
    """Where a file goes: to the file named, into the folder named (with `/` made), or here."""
    path = Path(out) if out else Path()
    if out.endswith("/"):
        make_folder(path)
    return path / default if path.is_dir() else path


def make_folder(path: Path) -> None:
    """Make a folder for exports.

    Raises:
        ConfigurationError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be made a folder ({error.strerror}). Name another: --out FOLDER"
        ) from error
