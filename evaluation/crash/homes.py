"""Homes for trials: a published demo with one more night delivered, its copies and its twin."""

from __future__ import annotations

import shutil
from pathlib import Path

from evaluation.harness import Site, refresh
from evaluation.pipeline import CommandError

_STORES = 2


class TrialError(CommandError):
    """A trial could not be prepared: an undisturbed run was not green."""


def make_base(folder: Path, people: int, seed: int) -> Site:
    """A demo retailer in `folder`, made anew: published once, one further night delivered.

    Raises:
        TrialError: its first run was not green.
    """
    from demo.generate import add_night, generate
    from demo.scale import Scale

    shutil.rmtree(folder, ignore_errors=True)
    world = generate(folder, Scale("small", people=people, stores=_STORES), seed)
    site = site_of(folder)
    run_green(site)
    add_night(folder, world)
    return site


def site_of(home: Path, log: Path | None = None) -> Site:
    """The site of a home that holds its settings; its runs speak to a file beside the home."""
    return Site(home / "tokui.toml", home, log or home.with_name(f"{home.name}.log"))


def copy(base: Site, folder: Path, log: Path | None = None) -> Site:
    """The same retailer, with the times of its files, in a folder that is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base.home, folder, symlinks=True)
    site = site_of(folder, log)
    site.log.unlink(missing_ok=True)
    return site


def run_green(site: Site, *arguments: str) -> None:
    """A run that nobody disturbs.

    Raises:
        TrialError: it was not green.
    """
    status = refresh(site, *arguments)
    if status:
        raise TrialError(f"an undisturbed run ended with {status}. Its words: {site.log}")
