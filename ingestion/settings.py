"""The retailer's settings: `tokui.toml`, read and checked once.

Paths in it are relative to the file; `$TOKUI_HOME` in a path is the warehouse's folder. Secrets
never stand in it: they come from the environment.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingestion.contract import FEEDS
from ingestion.errors import ConfigurationError

DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")
TIMESTAMP_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y%m%d%H%M%S",
    *DATE_FORMATS,
)
ENCODINGS = {
    **dict.fromkeys(("utf-8", "utf8", "utf-8-sig"), "utf-8-sig"),
    **dict.fromkeys(("cp932", "shift_jis", "shift-jis", "sjis", "ms932", "windows-31j"), "cp932"),
}


@dataclass(frozen=True)
class FileFormat:
    """How the files of a table are written.

    `columns` maps a header of the file to a column of the contract; `values` maps, per column, a
    word of the file to a word of the contract (`売上` to `sale`, say).
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    timezone: str = "Asia/Tokyo"
    date_formats: tuple[str, ...] = DATE_FORMATS
    timestamp_formats: tuple[str, ...] = TIMESTAMP_FORMATS
    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class TableSettings:
    """Settings of one table: its format, which files it takes, and how deletions are told.

    In a snapshot, more than `max_vanished_share` of the known keys missing is a broken export.
    """

    format: FileFormat
    files: str | None
    mode: str
    max_vanished_share: float = 0.05


@dataclass(frozen=True)
class FeedSettings:
    """Settings of one feed.

    `on_failure` is `stop` (the run ends with status 1) or `hold` (the feed stays at its last good
    state and the others go on). `max_quarantined_share` is a fraction of a file's rows.
    """

    name: str
    path: str | None
    tables: dict[str, TableSettings]
    on_failure: str = "stop"
    max_quarantined_share: float = 0.01
    settle_seconds: float = 5.0


@dataclass(frozen=True)
class Company:
    """Facts about the retailer that the metrics need."""

    timezone: str = "Asia/Tokyo"
    currency: str = "JPY"
    points_as: str = "discount"
    tax_rounding: str = "down"


@dataclass(frozen=True)
class Publication:
    """What publication keeps: numbers of versions, of failed runs, and days of landed files."""

    keep_versions: int = 7
    keep_runs: int = 2
    keep_landing_days: int = 14


@dataclass(frozen=True)
class Schedule:
    """When the nightly refresh starts, in cron's notation and a time zone."""

    cron: str = "0 6 * * *"
    timezone: str = "Asia/Tokyo"


@dataclass(frozen=True)
class Settings:
    """Everything that `tokui.toml` says. `now` replaces the clock where the data is historical."""

    source: Path
    company: Company
    feeds: dict[str, FeedSettings]
    publication: Publication
    schedule: Schedule
    profile: str = "main"
    now: str | None = None


def load_settings(path: Path) -> Settings:
    """Read and check the configuration.

    Raises:
        ConfigurationError: the file is missing, is not TOML, or a setting is unknown or wrong.
    """
    if not path.is_file():
        raise ConfigurationError(
            f"no configuration at {path}. Write one (README, 'Your own data') or point "
            "TOKUI_CONFIG at it."
        )
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not TOML in UTF-8: {error}") from error
    _refuse_unknown(path, document, {"company", "feeds", "publication", "schedule", "run"}, "")
    run = _table_at(path, document, "run")
    _refuse_unknown(path, run, {"profile", "now"}, "run")
    _refuse_other_types(path, run, {"profile": "", "now": ""}, "run")
    company = _section(path, document, "company", Company)
    unknown = set(_table_at(path, document, "feeds")) - set(FEEDS)
    if unknown:
        raise ConfigurationError(
            f"{path}: unknown feed {', '.join(sorted(unknown))}; the contract has "
            f"{', '.join(FEEDS)}."
        )
    _check_company(path, company)
    return Settings(
        source=path,
        company=company,
        feeds={name: _feed(path, name, document, company) for name in FEEDS},
        publication=_section(path, document, "publication", Publication),
        schedule=_section(path, document, "schedule", Schedule),
        profile=run.get("profile", "main"),
        now=run.get("now"),
    )


def home_root(profile: str) -> Path:
    """Where a run writes: `TOKUI_HOME`, else `./warehouse/<profile>`."""
    return Path(os.environ.get("TOKUI_HOME") or f"warehouse/{profile}").absolute()


def config_path() -> Path:
    """The configuration in use: `TOKUI_CONFIG`, else `./tokui.toml`."""
    return Path(os.environ.get("TOKUI_CONFIG", "tokui.toml")).absolute()


def _section(path: Path, document: dict[str, Any], name: str, kind: type) -> Any:
    values = _table_at(path, document, name)
    _refuse_unknown(path, values, {f.name for f in fields(kind)}, name)
    _refuse_other_types(path, values, vars(kind()), name)
    return kind(**values)


def _feed(path: Path, name: str, document: dict[str, Any], company: Company) -> FeedSettings:
    where = f"feeds.{name}"
    values = dict(_table_at(path, document.get("feeds", {}), name, where))
    tables = dict(_table_at(path, values, "tables", f"{where}.tables"))
    values.pop("tables", None)
    contract = FEEDS[name]
    own = {"path", "on_failure", "max_quarantined_share", "settle_seconds"}
    shared = {f.name for f in fields(FileFormat)} - {"columns", "values"}
    _refuse_unknown(path, values, own | shared, where)
    _refuse_unknown(path, tables, {t.name for t in contract.tables}, f"{where}.tables")
    _refuse_other_types(path, values, _FEED_DEFAULTS, where)
    base = _format(FileFormat(timezone=company.timezone), values, shared)
    feed = FeedSettings(
        name=name,
        path=_resolve(path, values.get("path"), document.get("run", {}).get("profile", "main")),
        tables={
            table.name: _table(path, f"{where}.tables.{table.name}", table, tables, base)
            for table in contract.tables
        },
        **{key: values[key] for key in own - {"path"} if key in values},
    )
    if feed.on_failure not in ("stop", "hold"):
        raise ConfigurationError(
            f'{path}: {where}.on_failure is "{feed.on_failure}"; it is "stop" or "hold".'
        )
    _check_share(path, f"{where}.max_quarantined_share", feed.max_quarantined_share)
    return feed


def _table(path: Path, where: str, table: Any, tables: dict, base: FileFormat) -> TableSettings:
    values = _table_at(path, tables, table.name, where)
    allowed = {f.name for f in fields(FileFormat)}
    own = {"files", "mode", "max_vanished_share"}
    _refuse_unknown(path, values, allowed | own, where)
    _refuse_other_types(path, values, _TABLE_DEFAULTS, where)
    settings = TableSettings(
        format=_format(base, values, allowed),
        files=values.get("files"),
        mode=values.get("mode", table.mode),
        max_vanished_share=values.get("max_vanished_share", 0.05),
    )
    _check_share(path, f"{where}.max_vanished_share", settings.max_vanished_share)
    _check_format(path, where, settings, {column.name for column in table.columns})
    return settings


def _format(base: FileFormat, values: dict[str, Any], allowed: set[str]) -> FileFormat:
    taken = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in values.items()
        if key in allowed
    }
    return replace(base, **taken)


def _check_format(path: Path, where: str, settings: TableSettings, columns: set[str]) -> None:
    given = settings.format
    if given.encoding.lower() not in ENCODINGS:
        raise ConfigurationError(
            f'{path}: {where}: encoding "{given.encoding}" is not known; it is "utf-8" (with or '
            'without a byte-order mark) or "cp932".'
        )
    if len(given.delimiter) != 1:
        raise ConfigurationError(f"{path}: {where}: delimiter must be one character.")
    if settings.mode not in ("delta", "snapshot"):
        raise ConfigurationError(f'{path}: {where}: mode is "delta" or "snapshot".')
    _check_zone(path, where, given.timezone)
    unknown = (set(given.columns.values()) | set(given.values)) - columns
    if unknown:
        raise ConfigurationError(
            f"{path}: {where}: the contract has no column {', '.join(sorted(unknown))}."
        )


def _check_share(path: Path, where: str, share: float) -> None:
    if not 0 <= share <= 1:
        raise ConfigurationError(f"{path}: {where} is a share, from 0 to 1.")


def _check_company(path: Path, company: Company) -> None:
    _check_zone(path, "company", company.timezone)
    if company.points_as not in ("discount", "tender"):
        raise ConfigurationError(f'{path}: company.points_as is "discount" or "tender".')
    if company.tax_rounding not in ("down", "half_up", "up"):
        raise ConfigurationError(f'{path}: company.tax_rounding is "down", "half_up" or "up".')


def _check_zone(path: Path, where: str, zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationError(
            f'{path}: {where}: "{zone}" is no IANA time zone (such as "Asia/Tokyo").'
        ) from error


def _resolve(path: Path, address: str | None, profile: str) -> str | None:
    if address is None:
        return None
    address = address.replace("$TOKUI_HOME", str(home_root(profile)))
    if "://" in address or Path(address).is_absolute():
        return address
    return str(path.parent / address)


def _refuse_unknown(path: Path, values: dict[str, Any], known: set[str], where: str) -> None:
    unknown = set(values) - known
    if unknown:
        raise ConfigurationError(
            f"{path}: unknown setting {', '.join(sorted(unknown))}"
            f"{' in [' + where + ']' if where else ''}; known: {', '.join(sorted(known))}."
        )


_FORMAT_DEFAULTS = vars(FileFormat())
_TABLE_DEFAULTS = _FORMAT_DEFAULTS | {"files": "", "mode": "", "max_vanished_share": 0.0}
_FEED_DEFAULTS = _FORMAT_DEFAULTS | {
    "path": "",
    "on_failure": "",
    "max_quarantined_share": 0.0,
    "settle_seconds": 0.0,
}
_TYPE_WORDS = {
    str: "a text in quotes",
    int: "a whole number",
    float: "a number",
    tuple: "a list of texts",
    dict: "a section of texts",
}


def _table_at(path: Path, values: dict[str, Any], name: str, where: str = "") -> dict[str, Any]:
    found = values.get(name, {})
    if not isinstance(found, dict):
        raise ConfigurationError(f"{path}: {where or name} is a section: [{where or name}].")
    return found


def _refuse_other_types(
    path: Path, values: dict[str, Any], defaults: dict[str, Any], where: str
) -> None:
    """A setting has the type of its default."""
    for name, value in values.items():
        if not _is_like(value, defaults[name]):
            words = _TYPE_WORDS[type(defaults[name])]
            raise ConfigurationError(f"{path}: {where}.{name} must be {words}.")


def _is_like(value: Any, default: Any) -> bool:
    if isinstance(default, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(default, tuple):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if isinstance(default, dict):
        return isinstance(value, dict) and all(
            isinstance(item, str)
            or (isinstance(item, dict) and all(isinstance(to, str) for to in item.values()))
            for item in value.values()
        )
    return type(value) is type(default)
