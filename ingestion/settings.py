"""The retailer's settings: `tokui.toml`, read and checked once.

Paths in it are relative to the file; `$TOKUI_HOME` in a path is the warehouse's folder. Secrets
never stand in it: they come from the environment.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from identity.rules import SWITCHABLE
from ingestion.contract import FEEDS
from ingestion.errors import ConfigurationError
from ingestion.export_settings import Exports, read_exports
from ingestion.postgres_settings import Postgres, read_postgres
from ingestion.setting_checks import (
    check_share,
    check_zone,
    refuse_other_types,
    refuse_unknown,
    table_at,
)
from plans.tables import PLANS

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
_SECTIONS = {
    "run",
    "alerts",
    "company",
    "exports",
    "feeds",
    "gates",
    "limits",
    "identity",
    "metrics",
    "owners",
    "plans",
    "publication",
    "schedule",
}
_OWNER = re.compile(r"team:[\w. -]+|[\w.+-]+@[\w-]+(\.[\w-]+)+")
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

    @property
    def sha256(self) -> str:
        """Tells settings apart: a file read by others than today's may need to be read again."""
        text = json.dumps(vars(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


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
class Identity:
    """How records of all sources are joined to people.

    `overrides` is a CSV of a person's decisions, which win over every rule. A key on more than
    `max_records_per_key` records joins nobody; more than `max_component_records` joined records
    are a conflict. `rules_off` are ids of `identity.rules.SWITCHABLE`.
    """

    overrides: Path | None = None
    never_merge_member_ids: bool = False
    rules_off: tuple[str, ...] = ()
    max_records_per_key: int = 20
    max_component_records: int = 15
    matcher: str = "rules"


@dataclass(frozen=True)
class Metrics:
    """Choices that the metrics leave to the retailer; days count as business dates.

    Without a purchase for longer than `at_risk_days`, `dormant_days`, `lost_days` a customer is
    that. `maturity_days` must have passed before a first purchase counts in the F2 rate.
    `history_months` complete months and the last `history_days` days are looked back upon.
    `min_respondents` hides a score of fewer answers, `min_human_openers` a click-to-open rate,
    `min_recipients` every other rate and every comparison of a campaign with fewer people.

    A touch of a campaign may explain an order for `attribution_hours_<channel>` hours. Its effect
    is measured over `effect_weeks` weeks after the send and as many before. Baskets of up to
    `basket_max_products` products count, pairs from `basket_min_receipts` receipts on, over the
    last `basket_days` days. `next_products` are recommended to a customer, nothing within
    `exchange_hours` of a purchase. A sample or trial has `trial_days` to become a purchase, a
    conversation `chat_purchase_days`, and who asks within `after_purchase_days` of a purchase asks
    about it.
    """

    rfm_frequency_unit: str = "receipts"
    rfm_min_customers: int = 100
    at_risk_days: int = 90
    dormant_days: int = 180
    lost_days: int = 365
    maturity_days: int = 180
    refund_settle_days: int = 30
    history_months: int = 24
    history_days: int = 7
    min_respondents: int = 30
    min_human_openers: int = 50
    min_recipients: int = 30
    attribution_hours_email: int = 120
    attribution_hours_line: int = 24
    attribution_hours_sms: int = 24
    attribution_hours_event: int = 120
    effect_weeks: int = 1
    basket_days: int = 365
    basket_min_receipts: int = 20
    basket_max_products: int = 50
    next_products: int = 5
    exchange_hours: int = 48
    trial_days: int = 30
    chat_purchase_days: int = 7
    after_purchase_days: int = 14
    ltv_min_customers: int = 500
    ltv_min_history_days: int = 180
    nps_question_code: str = "recommend"
    marketing_purpose: str = "marketing"


@dataclass(frozen=True)
class Publication:
    """What publication keeps: numbers of versions, of failed runs, and days of landed files.

    `language` is what the report's page shows first, `en` or `ja`; it has both.
    `postgres` is the copy that goes to a server.
    """

    keep_versions: int = 7
    keep_runs: int = 2
    keep_landing_days: int = 14
    language: str = "en"
    postgres: Postgres = field(default_factory=Postgres)


@dataclass(frozen=True)
class Limits:
    """What one file and one run may take; beyond it they are refused before harm is done.

    An archive is a bomb when it grows beyond both `max_unpacked_mib` and `max_unpacked_ratio` times
    its size. A run does not start with less free disk than `min_free_disk_mib`, and the engine
    takes at most `memory_mib` (0: half of the machine's, 2 GB at most).
    """

    max_unpacked_mib: int = 256
    max_unpacked_ratio: int = 500
    max_field_kib: int = 1024
    min_free_disk_mib: int = 200
    memory_mib: int = 0


@dataclass(frozen=True)
class Alerts:
    """Who is told of a run that did not end as it should; off while nobody is named.

    `on` are endings: `failed` (any run that published nothing and was asked to), `held` (a feed was
    left behind), `warning` (a check warned). Addresses that are secrets come from the environment:
    `TOKUI_ALERT_WEBHOOK`, `TOKUI_SMTP_USER`, `TOKUI_SMTP_PASSWORD`.
    """

    on: tuple[str, ...] = ("failed", "held")
    webhook: bool = False
    email_to: tuple[str, ...] = ()
    email_from: str = ""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = "starttls"


@dataclass(frozen=True)
class Schedule:
    """When the nightly refresh starts, in cron's notation and a time zone."""

    cron: str = "0 6 * * *"
    timezone: str = "Asia/Tokyo"


@dataclass(frozen=True)
class Owners:
    """Whom Dagster's UI names as the owner of tables: of a feed, of the plans, of all else.

    A team is `team:<name>`, a person an e-mail address.
    """

    pos: str = "team:pos"
    email: str = "team:email"
    support: str = "team:support"
    plans: str = "team:plans"
    data: str = "team:data"


@dataclass(frozen=True)
class Settings:
    """Everything that `tokui.toml` says. `now` replaces the clock where the data is historical."""

    source: Path
    company: Company
    feeds: dict[str, FeedSettings]
    publication: Publication
    schedule: Schedule
    owners: Owners
    identity: Identity
    metrics: Metrics
    plans: dict[str, Path]
    limits: Limits
    alerts: Alerts
    gates: dict[str, float]
    exports: Exports
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
    refuse_unknown(path, document, _SECTIONS, "")
    run = table_at(path, document, "run")
    refuse_unknown(path, run, {"profile", "now"}, "run")
    refuse_other_types(path, run, {"profile": "", "now": ""}, "run")
    company = _section(path, document, "company", Company)
    unknown = set(table_at(path, document, "feeds")) - set(FEEDS)
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
        publication=_publication(path, document),
        schedule=_section(path, document, "schedule", Schedule),
        owners=_owners(path, document),
        identity=_identity(path, document),
        metrics=_metrics(path, document),
        plans=_plans(path, document),
        limits=_limits(path, document),
        alerts=_alerts(path, document),
        gates=dict(table_at(path, document, "gates")),
        exports=read_exports(path, document),
        profile=_profile(document),
        now=run.get("now"),
    )


def home_root(profile: str) -> Path:
    """Where a run writes: `TOKUI_HOME`, else `./warehouse/<profile>`."""
    return Path(os.environ.get("TOKUI_HOME") or f"warehouse/{profile}").absolute()


def config_path() -> Path:
    """The configuration in use: `TOKUI_CONFIG`, else `./tokui.toml`."""
    return Path(os.environ.get("TOKUI_CONFIG", "tokui.toml")).absolute()


def _section(path: Path, document: dict[str, Any], name: str, kind: type) -> Any:
    values = table_at(path, document, name)
    refuse_unknown(path, values, {f.name for f in fields(kind)}, name)
    refuse_other_types(path, values, vars(kind()), name)
    return kind(**values)


def _publication(path: Path, document: dict[str, Any]) -> Publication:
    values = dict(table_at(path, document, "publication"))
    postgres = read_postgres(path, values)
    values.pop("postgres", None)
    publication = _section(path, document | {"publication": values}, "publication", Publication)
    if publication.language not in ("en", "ja"):
        raise ConfigurationError(f'{path}: publication.language is "en" or "ja".')
    return replace(publication, postgres=postgres)


def _owners(path: Path, document: dict[str, Any]) -> Owners:
    owners = _section(path, document, "owners", Owners)
    for name, value in vars(owners).items():
        if not _OWNER.fullmatch(value):
            raise ConfigurationError(
                f'{path}: owners.{name} is "team:<name>" or an e-mail address.'
            )
    return owners


def _identity(path: Path, document: dict[str, Any]) -> Identity:
    values = dict(table_at(path, document, "identity"))
    refuse_unknown(path, values, {f.name for f in fields(Identity)}, "identity")
    refuse_other_types(path, values, vars(Identity()) | {"overrides": ""}, "identity")
    if "overrides" in values:
        values["overrides"] = Path(_resolve(path, values["overrides"], _profile(document)))
    values["rules_off"] = tuple(values.get("rules_off", ()))
    identity = Identity(**values)
    _check_identity(path, identity)
    return identity


def _metrics(path: Path, document: dict[str, Any]) -> Metrics:
    metrics = _section(path, document, "metrics", Metrics)
    if metrics.rfm_frequency_unit not in ("receipts", "purchase_days"):
        raise ConfigurationError(
            f'{path}: metrics.rfm_frequency_unit is "receipts" or "purchase_days".'
        )
    if not 0 < metrics.at_risk_days < metrics.dormant_days < metrics.lost_days:
        raise ConfigurationError(
            f"{path}: metrics.at_risk_days, dormant_days and lost_days must rise in that order."
        )
    for name, value in vars(metrics).items():
        if isinstance(value, int) and value < 1:
            raise ConfigurationError(f"{path}: metrics.{name} must be 1 or more.")
    return metrics


def _plans(path: Path, document: dict[str, Any]) -> dict[str, Path]:
    values = table_at(path, document, "plans")
    refuse_unknown(path, values, set(PLANS), "plans")
    refuse_other_types(path, values, dict.fromkeys(PLANS, ""), "plans")
    profile = _profile(document)
    return {name: Path(_resolve(path, file, profile)) for name, file in values.items()}


def _limits(path: Path, document: dict[str, Any]) -> Limits:
    limits = _section(path, document, "limits", Limits)
    for name, value in vars(limits).items():
        if value < 0:
            raise ConfigurationError(f"{path}: limits.{name} must be 0 or more.")
    return limits


def _alerts(path: Path, document: dict[str, Any]) -> Alerts:
    alerts = _section(path, document, "alerts", Alerts)
    alerts = replace(alerts, on=tuple(alerts.on), email_to=tuple(alerts.email_to))
    for name, value, known in (
        ("on", alerts.on, ("failed", "held", "warning")),
        ("smtp_security", (alerts.smtp_security,), ("starttls", "ssl", "none")),
    ):
        if not set(value) <= set(known):
            raise ConfigurationError(f"{path}: alerts.{name} knows {', '.join(known)}.")
    if alerts.email_to and not (alerts.email_from and alerts.smtp_host):
        raise ConfigurationError(
            f"{path}: alerts.email_to needs alerts.email_from and alerts.smtp_host."
        )
    return alerts


def _check_identity(path: Path, identity: Identity) -> None:
    if identity.overrides is not None and not identity.overrides.is_file():
        raise ConfigurationError(f"{path}: identity.overrides: no file at {identity.overrides}.")
    unknown = set(identity.rules_off) - set(SWITCHABLE)
    if unknown:
        raise ConfigurationError(
            f"{path}: identity.rules_off: {', '.join(sorted(unknown))} cannot be turned off; "
            f"the rules that can are {', '.join(SWITCHABLE)}."
        )
    for name in ("max_records_per_key", "max_component_records"):
        if getattr(identity, name) < 2:
            raise ConfigurationError(f"{path}: identity.{name} must be 2 or more.")
    if identity.matcher not in ("rules", "splink"):
        raise ConfigurationError(f'{path}: identity.matcher is "rules" or "splink".')


def _feed(path: Path, name: str, document: dict[str, Any], company: Company) -> FeedSettings:
    where = f"feeds.{name}"
    values = dict(table_at(path, document.get("feeds", {}), name, where))
    tables = dict(table_at(path, values, "tables", f"{where}.tables"))
    values.pop("tables", None)
    contract = FEEDS[name]
    own = {"path", "on_failure", "max_quarantined_share", "settle_seconds"}
    shared = {f.name for f in fields(FileFormat)} - {"columns", "values"}
    refuse_unknown(path, values, own | shared, where)
    refuse_unknown(path, tables, {t.name for t in contract.tables}, f"{where}.tables")
    refuse_other_types(path, values, _FEED_DEFAULTS, where)
    base = _format(FileFormat(timezone=company.timezone), values, shared)
    feed = FeedSettings(
        name=name,
        path=_resolve(path, values.get("path"), _profile(document)) if "path" in values else None,
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
    check_share(path, f"{where}.max_quarantined_share", feed.max_quarantined_share)
    return feed


def _table(path: Path, where: str, table: Any, tables: dict, base: FileFormat) -> TableSettings:
    values = table_at(path, tables, table.name, where)
    allowed = {f.name for f in fields(FileFormat)}
    own = {"files", "mode", "max_vanished_share"}
    refuse_unknown(path, values, allowed | own, where)
    refuse_other_types(path, values, _TABLE_DEFAULTS, where)
    settings = TableSettings(
        format=_format(base, values, allowed),
        files=values.get("files"),
        mode=values.get("mode", table.mode),
        max_vanished_share=values.get("max_vanished_share", 0.05),
    )
    check_share(path, f"{where}.max_vanished_share", settings.max_vanished_share)
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
    check_zone(path, where, given.timezone)
    unknown = (set(given.columns.values()) | set(given.values)) - columns
    if unknown:
        raise ConfigurationError(
            f"{path}: {where}: the contract has no column {', '.join(sorted(unknown))}."
        )


def _check_company(path: Path, company: Company) -> None:
    check_zone(path, "company", company.timezone)
    if company.points_as not in ("discount", "tender"):
        raise ConfigurationError(f'{path}: company.points_as is "discount" or "tender".')
    if company.tax_rounding not in ("down", "half_up", "up"):
        raise ConfigurationError(f'{path}: company.tax_rounding is "down", "half_up" or "up".')


def _profile(document: dict[str, Any]) -> str:
    return document.get("run", {}).get("profile", "main")


def _resolve(path: Path, address: str, profile: str) -> str:
    address = address.replace("$TOKUI_HOME", str(home_root(profile)))
    if "://" in address or Path(address).is_absolute():
        return address
    return str(path.parent / address)


_FORMAT_DEFAULTS = vars(FileFormat())
_TABLE_DEFAULTS = _FORMAT_DEFAULTS | {"files": "", "mode": "", "max_vanished_share": 0.0}
_FEED_DEFAULTS = _FORMAT_DEFAULTS | {
    "path": "",
    "on_failure": "",
    "max_quarantined_share": 0.0,
    "settle_seconds": 0.0,
}
