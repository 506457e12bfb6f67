"""Where a warehouse lives: every path below `TOKUI_HOME`, named once."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from expectations.thresholds import check_overrides
from ingestion.errors import ConfigurationError
from ingestion.settings import Settings, config_path, home_root, load_settings


@dataclass(frozen=True)
class Home:
    """Folders and files of one warehouse."""

    root: Path

    @property
    def current(self) -> Path:
        """The warehouse of the last green run."""
        return self.root / "current" / "warehouse.duckdb"

    @property
    def work(self) -> Path:
        """The folder of the run that is going; its warehouse is the run's copy."""
        return self.root / "work"

    @property
    def work_warehouse(self) -> Path:
        return self.work / "warehouse.duckdb"

    @property
    def work_marts(self) -> Path:
        """The marts of the run that is going: the file that is published."""
        return self.work / "crm.duckdb"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def journal(self) -> Path:
        return self.root / "ops" / "journal.duckdb"

    @property
    def kept_by_upgrade(self) -> list[Path]:
        """Files of an older version, kept by `tokui upgrade` until the next green run."""
        return [
            *self.current.parent.glob("warehouse.v*.duckdb"),
            *self.journal.parent.glob("journal.v*.duckdb"),
        ]

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def manifest(self) -> Path:
        """The published manifest: replacing it is the commit of a publication."""
        return self.published / "manifest.json"

    @property
    def served(self) -> Path:
        """The file that BI tools open."""
        return self.published / "crm.duckdb"

    @property
    def report(self) -> Path:
        """The page about the run that made the published version."""
        return self.published / "report.html"

    @property
    def reports(self) -> Path:
        """The pages about runs that published nothing new."""
        return self.root / "ops" / "reports"

    @property
    def versions(self) -> Path:
        return self.published / "versions"

    @property
    def compiled(self) -> Path:
        """The models' SQL for this home's settings, where the installation may not be written."""
        return self.root / "compiled"

    @property
    def docs(self) -> Path:
        """The documentation of the tables, as `tokui docs` writes it."""
        return self.root / "docs"

    @property
    def parquet(self) -> Path:
        """The Parquet of each kept version, a folder a version."""
        return self.published / "parquet"

    @property
    def lock(self) -> Path:
        return self.root / "run.lock"

    @property
    def feeds(self) -> Path:
        """The demo's feeds; a retailer's own lie where the settings say."""
        return self.root / "feeds"

    @property
    def settings(self) -> Path:
        """The demo's settings, which its generator writes."""
        return self.root / "tokui.toml"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"


def demo_home() -> Home:
    """The home of the demo retailer, which holds its feeds and settings as well."""
    return Home(home_root("demo"))


def _demo_settings() -> Path:
    home = demo_home()
    if not home.settings.is_file():
        raise ConfigurationError(f"there is no demo in {home.root}; run `tokui demo` first.")
    return home.settings


def _real_settings() -> Path:
    return Path(__file__).resolve().parent.parent / "ingestion/adapters/completejourney.toml"


PROFILES: dict[str, Callable[[], Path]] = {"demo": _demo_settings, "real": _real_settings}
"""Settings that need not be written by hand, by the profile they are for.

The demo's are there once it was generated: asked for before, they raise `ConfigurationError`.
"""


def show_demo_without_settings() -> None:
    """Take the demo where no settings are named or found: for pages that a newcomer opens.

    Raises:
        ConfigurationError: there is no demo either.
    """
    if "TOKUI_CONFIG" not in os.environ and not config_path().exists():
        os.environ["TOKUI_CONFIG"] = str(PROFILES["demo"]())


def load() -> tuple[Home, Settings]:
    """The home and settings in force.

    Raises:
        ConfigurationError: the configuration is missing or wrong.
    """
    settings = load_settings(config_path())
    check_overrides(config_path(), settings.gates)
    return Home(home_root(settings.profile)), settings
