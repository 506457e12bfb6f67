"""Checks of the warehouse: its key, its owner and version, what is published of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import timedelta

import duckdb

from ingestion import ledger, personal
from ingestion.engine import connect
from ingestion.errors import ConfigurationError
from orchestration.doctor.finding import Finding, Subject, fail, ok, some, warn
from orchestration.journal import Journal
from orchestration.publication import read_manifest
from orchestration.upgrade import owner_of

_STALE_AFTER = timedelta(hours=36)


def check_key(subject: Subject) -> Iterator[Finding]:
    """The key of all hashes is there, kept from other users, and the one of this warehouse."""
    path = subject.home.root / "secret.key"
    owner = owner_of(subject.home)
    if subject.settings.profile == "demo":
        yield ok("the demo's key, which is public")
        return
    if "TOKUI_HASH_KEY" not in os.environ and not path.exists():
        if owner is None:
            yield ok(f"the first run makes {path}")
        else:
            yield fail(
                f"{path} is missing, and TOKUI_HASH_KEY is not set",
                "Restore it from the backup made with the warehouse, before the next run makes "
                "another one.",
            )
        return
    if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield warn(f"{path} can be read by other users", f"chmod 600 {path}")
    key = personal.load_key(subject.home.root, subject.settings.profile)
    if owner is not None and personal.fingerprint(key) != owner.key_fingerprint:
        yield fail(
            "the secret key is not the one that this warehouse was hashed with",
            "Restore secret.key, or TOKUI_HASH_KEY, from the backup made with the warehouse.",
        )
    else:
        yield ok("there" if owner is None else "there, and the one of this warehouse")


def check_warehouse(subject: Subject) -> Iterator[Finding]:
    """The warehouse can be opened, and is of this profile and of this version of Tokui."""
    owner = owner_of(subject.home)
    if owner is None:
        yield ok(f"none yet; the first green run makes {subject.home.current}")
        return
    try:
        ledger.refuse_other_owner(owner, subject.settings.profile, owner.key_fingerprint)
        ledger.refuse_other_version(owner.schema_version)
    except ConfigurationError as error:
        yield fail(str(error), "Until then no run starts.")
    else:
        size = subject.home.current.stat().st_size / 2**20
        yield ok(f"profile {owner.profile}, schema version {owner.schema_version}, {size:,.0f} MiB")


def check_publication(subject: Subject) -> Iterator[Finding]:
    """What BI reads is there, is the published version, is whole and is not old."""
    manifest = read_manifest(subject.home)
    if manifest is None:
        yield warn("nothing is published yet", "Run `tokui refresh`.")
        return
    served = _served_version(subject)
    if served != manifest["version"]:
        yield warn(
            f"{subject.home.served} holds version {served or 'none'}, and {manifest['version']} "
            "is published",
            "The next run puts it right.",
        )
    if manifest["feeds_held"]:
        yield warn(
            f"feeds left behind: {some(manifest['feeds_held'])}",
            f"tokui inspect {manifest['run_id'][:8]} says why.",
        )
    yield from _check_age(subject)
    yield ok(f"version {manifest['version']}, as of {manifest['as_of']}")


def check_kept_files(subject: Subject) -> Iterator[Finding]:
    """Says what an upgrade keeps, and for how long."""
    kept = sorted(subject.home.kept_by_upgrade)
    if kept:
        yield ok(f"kept from an upgrade until the next green run: {some([str(p) for p in kept])}")


def _served_version(subject: Subject) -> str | None:
    if not subject.home.served.exists():
        return None
    try:
        with connect(subject.home.served, read_only=True) as connection:
            row = connection.execute("select version from ops.publication").fetchone()
    except duckdb.Error:
        return None
    return row[0] if row else None


def _check_age(subject: Subject) -> Iterator[Finding]:
    """A run that found nothing new is as good a sign of life as one that published."""
    if subject.settings.now is not None or not subject.home.journal.exists():
        return
    row = Journal(subject.home.journal).query(
        "select max(finished_at) from ops.runs where status in ('published', 'unchanged')"
    )[0]
    if row[0] is not None and subject.clock - row[0] > _STALE_AFTER:
        hours = (subject.clock - row[0]).total_seconds() / 3600
        yield warn(
            f"the last green run ended {hours:,.0f} hours ago",
            "Look at `tokui status`; if no run was started, look at cron or Dagster's daemon.",
        )
