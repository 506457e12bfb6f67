"""`published/parquet/<version>/`: the Parquet of every kept version, for tools that read folders.

A folder appears whole, by one rename, never changes, and goes whole before its version does. Its
files are second names of those in `published/versions/<version>/parquet/`. There is no folder of
the newest version: a reader that follows such a name between two files would mix versions. Which
one is published stands in `published/manifest.json`.
"""

from __future__ import annotations

import os
import shutil

from orchestration.home import Home
from orchestration.publication import link, read_manifest, sync


def follow(home: Home) -> None:
    """Bring the folders to the kept versions: add those that are missing, remove all others.

    Safe to repeat after a crash at any moment. Versions beyond the published one get no folder;
    that of the published one stays even if somebody removed its version.
    """
    head = read_manifest(home)
    kept = {
        path.name
        for path in (home.versions.iterdir() if home.versions.exists() else ())
        if head is not None and path.name <= head["version"] and (path / "parquet").is_dir()
    }
    there = {path.name for path in (home.parquet.iterdir() if home.parquet.exists() else ())}
    for name in sorted(there - kept - ({head["version"]} if head else set())):
        drop(home, name)
    for name in sorted(kept - there):
        _add(home, name)


def drop(home: Home, version: str) -> None:
    """Remove a version's folder, out of sight first: no reader finds half of it."""
    folder, hidden = home.parquet / version, home.parquet / f".{version.lstrip('.')}"
    if folder.exists() and folder != hidden:
        shutil.rmtree(hidden, ignore_errors=True)
        os.replace(folder, hidden)
    shutil.rmtree(hidden, ignore_errors=True)


def _add(home: Home, version: str) -> None:
    temporary = home.parquet / f".{version}"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    for source in sorted((home.versions / version / "parquet").iterdir()):
        link(source, temporary / source.name)
    sync(temporary)
    os.replace(temporary, home.parquet / version)
    for folder in (home.parquet, home.published):
        sync(folder)
