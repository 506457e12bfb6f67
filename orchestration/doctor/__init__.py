"""`tokui doctor`: what would keep the next run from ending well, and what to do about it.

A check is a function that yields findings. It looks and never touches: it takes no lock, makes no
file, and leaves what it finds as it is. What belongs here: one module a subject, registered in
`CHECKS`. A finding shows no value of a feed's rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from ingestion.errors import ConfigurationError
from ingestion.settings import config_path
from orchestration import home as homes
from orchestration.doctor import (
    copies,
    dagster_records,
    inputs,
    installation,
    records,
    runs,
    warehouse,
)
from orchestration.doctor.finding import Finding, Subject, fail, ok
from orchestration.journal import utc_now

INSTALLATION: dict[str, Callable[[], Iterable[Finding]]] = {
    "python": installation.check_python,
    "packages": installation.check_packages,
    "engine": installation.check_engine,
    "dbt project": installation.check_project,
}
"""Checks that need no configuration."""

CHECKS: dict[str, Callable[[Subject], Iterable[Finding]]] = {
    "feeds": inputs.check_feeds,
    "formats": inputs.check_formats,
    "plans": inputs.check_plans,
    "secret key": warehouse.check_key,
    "warehouse": warehouse.check_warehouse,
    "publication": warehouse.check_publication,
    "postgres": copies.check_postgres,
    "old files": warehouse.check_kept_files,
    "disk": runs.check_disk,
    "lock": runs.check_lock,
    "leftovers": runs.check_leftovers,
    "journal": records.check_journal,
    "last runs": records.check_last_runs,
    "quarantine": records.check_quarantine,
    "schedule": dagster_records.check_schedule,
    "dagster": dagster_records.check_pools,
}
"""Checks of one warehouse, by the name that the report shows, in its order."""


def examine() -> list[Finding]:
    """Findings of every check, in order. Without a readable configuration only the installation's.

    Never raises: a check that crashes is a finding.
    """
    findings = [one for name, check in INSTALLATION.items() for one in _run(name, check)]
    try:
        home, settings = homes.load()
    except ConfigurationError as error:
        unreadable = fail(str(error), "Mend it; the checks of the warehouse wait for it.")
        return [*findings, replace(unreadable, check="configuration")]
    subject = Subject(home, settings, utc_now())
    said = ok(f"{config_path()}, profile {settings.profile}, home {home.root}")
    findings.append(replace(said, check="configuration"))
    for name, check in CHECKS.items():
        findings += _run(name, check, subject)
    return findings


def _run(name: str, check: Callable[..., Iterable[Finding]], *subject: Subject) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(check(*subject))
    except ConfigurationError as error:
        found.append(fail(str(error), "Mend it and look again."))
    except Exception as error:
        found.append(
            fail(
                f"the check itself crashed: {type(error).__name__}: {error}",
                "Look whether the files that it names can be read; if they can, report it.",
            )
        )
    return [replace(one, check=name) for one in found]
