"""Handing out a list: who may, what is recorded of it, and the record of what was handed out.

The record is written before the file gets its name: there is no file without one.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingestion.errors import ConfigurationError
from ingestion.settings import Settings
from orchestration.home import Home
from orchestration.journal import Journal, utc_now
from orchestration.marts_file import of_current
from orchestration.os_user import os_user
from orchestration.run import clock
from serving.exports.csv_format import CsvFormat
from serving.exports.files import new_file
from serving.exports.list_request import ListRequest, ListResult
from serving.exports.lists import (
    ListName,
    find_list,
    hand_out,
    open_warehouse,
    refuse_unknown_campaign,
)


@dataclass(frozen=True)
class Asked:
    """What a person asks for on the command line; an empty purpose is the marketing purpose."""

    name: str
    role: str
    purpose: str = ""
    channel: str = ""
    campaign_id: str = ""


@dataclass(frozen=True)
class PastExport:
    """One line of the record; `refused` counts rows by reason."""

    exported_at: datetime
    exported_by: str
    role: str
    list_kind: str
    list_id: str
    purpose: str
    channel: str
    campaign_id: str
    version: str
    candidates: int
    rows: int
    sha256: str
    refused: dict[str, int]


def export_list(
    home: Home, settings: Settings, asked: Asked, target: Path, form: CsvFormat
) -> tuple[ListName, ListRequest, ListResult]:
    """Write the list to a file that nobody else may read, and record it.

    Raises:
        ConfigurationError: the role may not, or there is no such list, or no warehouse.
        UnwritableError: a name has a character that the encoding lacks; nothing is written.
    """
    with open_warehouse(home.current, of_current(home)) as connection:
        found = find_list(connection, asked.name)
        request = _request(settings, asked, found)
        _refuse_role(settings, asked.role, request)
        if asked.campaign_id:
            refuse_unknown_campaign(connection, asked.campaign_id)
        with new_file(target, mode=0o600) as out:
            result = hand_out(connection, request, out, form)
            _record(Journal(home.journal), asked.role, found, request, result)
    return found, request, result


def past_exports(home: Home) -> list[PastExport]:
    """What was handed out, newest first."""
    if not home.journal.exists():
        return []
    with Journal(home.journal).reading() as connection:
        rows = connection.execute(
            "select e.exported_at, e.exported_by, e.role, e.list_kind, e.list_id, e.purpose, "
            "e.channel, e.campaign_id, e.version, e.candidates, e.rows_written, e.file_sha256, "
            "coalesce(map_from_entries(list((r.reason, r.refused_rows) order by r.reason) "
            "filter (where r.reason is not null)), map {}) "
            "from ops.list_exports e left join ops.list_export_refusals r using (export_id) "
            "group by all order by e.exported_at desc, any_value(e.export_id)"
        ).fetchall()
    return [PastExport(*row) for row in rows]


def _request(settings: Settings, asked: Asked, found: ListName) -> ListRequest:
    if found.channel and asked.channel not in ("", found.channel):
        raise ConfigurationError(
            f"export-list: {found.list_id} is a list for {found.channel}. Write one for "
            f"{asked.channel} (docs/metrics/segments.md), or export its segment."
        )
    channel = found.channel or asked.channel
    if not channel:
        raise ConfigurationError(
            f"export-list: {found.list_id} is a segment: say how its people are reached, as in "
            "--channel email."
        )
    metrics = settings.metrics
    return ListRequest(
        found.kind,
        found.list_id,
        channel,
        asked.purpose or metrics.marketing_purpose,
        metrics.marketing_purpose,
        clock(settings),
        metrics.effect_weeks,
        asked.campaign_id,
    )


def _refuse_role(settings: Settings, name: str, request: ListRequest) -> None:
    """Refuse what the settings do not allow the role, or the user the role."""
    roles = settings.exports.roles
    if not name and roles:
        raise ConfigurationError(
            f"export-list: say which role is yours, as in --role {min(roles)}; {settings.source} "
            f"has {', '.join(sorted(roles))}."
        )
    if name not in roles:
        raise ConfigurationError(
            f"export-list: {settings.source} has no role {name}; "
            + (f"it has {', '.join(sorted(roles))}. " if roles else "it names no roles. ")
            + f"Who may export lists stands under [exports.roles.{name}] (docs/exports.md)."
        )
    role = roles[name]
    purposes = role.purposes or (request.marketing_purpose,)
    for what, value, allowed in (
        ("channel", request.channel, role.channels),
        ("purpose", request.purpose, purposes),
        ("user", os_user(), role.users or (os_user(),)),
    ):
        if value not in allowed:
            raise ConfigurationError(
                f"export-list: the role {name} is not for the {what} {value}, but for "
                f"{', '.join(allowed)} ([exports.roles.{name}] in {settings.source})."
            )


def _record(
    journal: Journal, role: str, found: ListName, request: ListRequest, result: ListResult
) -> None:
    export_id = uuid.uuid4().hex
    journal.write(
        "insert into ops.list_export_refusals values (?, ?, ?)",
        [[export_id, reason, rows] for reason, rows in sorted(result.refused.items())],
    )
    journal.write(
        "insert into ops.list_exports values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            [
                export_id,
                utc_now(),
                os_user(),
                role,
                found.kind,
                found.list_id,
                found.recipe_hash,
                request.purpose,
                request.channel,
                request.campaign_id or None,
                found.version,
                result.candidates,
                result.rows,
                result.sha256,
            ]
        ],
    )
