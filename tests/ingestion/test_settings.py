"""`tokui.toml`: what is read, and every mistake that is told."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ingestion.errors import ConfigurationError
from ingestion.postgres_settings import Postgres
from ingestion.settings import (
    Identity,
    Metrics,
    Settings,
    config_path,
    home_root,
    load_settings,
)
from plans.tables import PLANS


def load(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "tokui.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def test_defaults_of_an_empty_file(tmp_path: Path) -> None:
    settings = load(tmp_path, "")
    pos = settings.feeds["pos"]
    assert (pos.path, pos.on_failure, pos.max_quarantined_share) == (None, "stop", 0.01)
    assert (settings.profile, settings.company.timezone) == ("main", "Asia/Tokyo")
    assert pos.tables["stores"].max_vanished_share == 0.05


def test_a_table_inherits_from_its_feed_and_the_feed_from_the_company(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        '[company]\ntimezone = "Europe/Berlin"\n'
        '[feeds.pos]\npath = "in"\nencoding = "sjis"\n'
        '[feeds.pos.tables.stores]\nencoding = "utf-8"\ndelimiter = "\\t"\nmode = "snapshot"\n'
        '[feeds.pos.tables.stores.columns]\n"店舗" = "store_id"\n',
    )
    pos = settings.feeds["pos"]
    assert pos.path == str(tmp_path / "in")
    assert (pos.tables["staff"].format.encoding, pos.tables["staff"].mode) == ("sjis", "delta")
    stores = pos.tables["stores"]
    assert (stores.format.encoding, stores.format.delimiter) == ("utf-8", "\t")
    assert (stores.format.timezone, stores.mode) == ("Europe/Berlin", "snapshot")
    assert stores.format.columns == {"店舗": "store_id"}


def test_identity(tmp_path: Path) -> None:
    assert load(tmp_path, "").identity == Identity(None, False, (), 20, 15, "rules")
    (tmp_path / "decisions.csv").touch()
    settings = load(
        tmp_path,
        '[identity]\noverrides = "decisions.csv"\nnever_merge_member_ids = true\n'
        'rules_off = ["same_phone", "name_and_address"]\nmax_records_per_key = 10\n'
        'max_component_records = 8\nmatcher = "splink"\n',
    )
    assert settings.identity == Identity(
        tmp_path / "decisions.csv", True, ("same_phone", "name_and_address"), 10, 8, "splink"
    )


def test_metrics(tmp_path: Path) -> None:
    assert load(tmp_path, "").metrics == Metrics()
    settings = load(
        tmp_path, "[metrics]\nat_risk_days = 60\nrfm_frequency_unit = 'purchase_days'\n"
    )
    assert (settings.metrics.at_risk_days, settings.metrics.dormant_days) == (60, 180)
    assert settings.metrics.rfm_frequency_unit == "purchase_days"


def test_the_copy_in_postgres(tmp_path: Path) -> None:
    assert load(tmp_path, "").publication.postgres == Postgres()
    publication = load(
        tmp_path,
        "[publication]\nkeep_versions = 3\n[publication.postgres]\nenabled = true\n"
        'marts_schema = "shop_marts"\nreaders = ""\nkeep_old = 1\n',
    ).publication
    assert publication.keep_versions == 3
    assert publication.postgres == Postgres(True, "shop_marts", "ops", "", 1)


def test_plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files themselves are read by the run that uses them."""
    monkeypatch.setenv("TOKUI_HOME", "/srv/tokui")
    assert load(tmp_path, "").plans == {}
    settings = load(
        tmp_path, '[plans]\nkpi_targets = "plans/kpis.csv"\nholidays = "$TOKUI_HOME/off.csv"\n'
    )
    assert settings.plans == {
        "kpi_targets": tmp_path / "plans" / "kpis.csv",
        "holidays": Path("/srv/tokui/off.csv"),
    }


def test_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKUI_HOME", "/srv/tokui")
    text = '[feeds.pos]\npath = "$TOKUI_HOME/in"\n[feeds.email]\npath = "s3://bucket/mail"\n'
    settings = load(tmp_path, text)
    assert settings.feeds["pos"].path == "/srv/tokui/in"
    assert settings.feeds["email"].path == "s3://bucket/mail"
    assert str(home_root("main")) == "/srv/tokui"
    monkeypatch.delenv("TOKUI_HOME")
    assert home_root("real") == Path.cwd() / "warehouse" / "real"
    monkeypatch.setenv("TOKUI_CONFIG", "/etc/tokui.toml")
    assert config_path() == Path("/etc/tokui.toml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[feeds", "is not TOML"),
        ("[metrics]\nat_risk = 1", "unknown setting at_risk in [metrics]"),
        ('[metrics]\nat_risk_days = "60"', "metrics.at_risk_days"),
        ("[metrics]\nat_risk_days = 200", "must rise in that order"),
        ("[metrics]\nlost_days = 180", "must rise in that order"),
        ("[metrics]\nmaturity_days = 0", "metrics.maturity_days must be 1 or more"),
        ('[metrics]\nrfm_frequency_unit = "visits"', '"receipts" or "purchase_days"'),
        ('[plans]\ntargets = "a.csv"', "unknown setting targets in [plans]"),
        ("[plans]\nkpi_targets = 1", "plans.kpi_targets"),
        ("[company]\ncolour = 1", "unknown setting colour in [company]"),
        ("[feeds.shop]\n", "unknown feed shop"),
        ("[feeds.pos.tables.receits]\n", "unknown setting receits in [feeds.pos.tables]"),
        ('[feeds.pos]\nencoding = "latin-1"', 'encoding "latin-1" is not known'),
        ('[feeds.pos]\ndelimiter = "::"', "delimiter must be one character"),
        ('[feeds.pos]\non_failure = "ignore"', '"stop" or "hold"'),
        ('[feeds.pos]\ntimezone = "Tokyo"', "no IANA time zone"),
        ('[publication]\nlanguage = "fr"', 'publication.language is "en" or "ja"'),
        ('[company]\ntimezone = "JST+9"', "no IANA time zone"),
        ('[company]\npoints_as = "gift"', 'points_as is "discount" or "tender"'),
        ('[company]\ntax_rounding = "bankers"', "tax_rounding"),
        ('[feeds.pos.tables.stores]\nmode = "full"', '"delta" or "snapshot"'),
        ('[feeds.pos.tables.stores.columns]\n"店" = "shop"', "the contract has no column shop"),
        ('[feeds.pos.tables.stores.values]\nshop = { a = "b" }', "the contract has no column shop"),
        ("[feeds.pos.tables.stores.values]\nname = { a = 1 }", "must be a section of texts"),
        ("[feeds.pos]\nmax_quarantined_share = 5", "is a share, from 0 to 1"),
        ("[feeds.pos.tables.staff]\nmax_vanished_share = -0.1", "is a share, from 0 to 1"),
        ('[feeds.pos]\nsettle_seconds = "5"', "feeds.pos.settle_seconds must be a number"),
        ("[feeds.pos]\nencoding = 932", "feeds.pos.encoding must be a text"),
        ('[feeds.pos]\ndate_formats = "%Y"', "date_formats must be a list of texts"),
        ("[identity]\nthreshold = 1", "unknown setting threshold in [identity]"),
        ("[identity]\nnever_merge_member_ids = 1", "must be true or false"),
        ('[identity]\nrules_off = "same_phone"', "rules_off must be a list of texts"),
        ('[identity]\nrules_off = ["same_fax"]', "same_fax cannot be turned off; the rules that"),
        ('[identity]\nrules_off = ["manual"]', "manual cannot be turned off"),
        ("[identity]\nmax_records_per_key = 20.5", "max_records_per_key must be a whole number"),
        ("[identity]\nmax_records_per_key = 1", "max_records_per_key must be 2 or more"),
        ("[identity]\nmax_component_records = 0", "max_component_records must be 2 or more"),
        ('[identity]\nmatcher = "dedupe"', 'matcher is "rules" or "splink"'),
        ("[identity]\noverrides = true", "identity.overrides must be a text"),
        ('[identity]\noverrides = "none.csv"', "identity.overrides: no file at"),
        ("identity = 1", "identity is a section"),
        ('[publication]\nkeep_versions = "7"', "keep_versions must be a whole number"),
        ("[publication]\npostgres = true", "[publication.postgres]"),
        ('[publication.postgres]\nurl = "x"', "unknown setting url in [publication.postgres]"),
        ("[publication.postgres]\nenabled = 1", "enabled must be true or false"),
        ('[publication.postgres]\nmarts_schema = "Marts"', "marts_schema is a name of at most 30"),
        ('[publication.postgres]\nops_schema = ""', "ops_schema is a name of at most 30"),
        ('[publication.postgres]\nreaders = "pg_monitor"', "readers is a name of at most 30"),
        ('[publication.postgres]\nops_schema = "marts"', "must differ"),
        ('[publication.postgres]\nmarts_schema = "a__new"', "must not contain __"),
        ("[publication.postgres]\nkeep_old = -1", "keep_old must be 0 or more"),
        (
            "[publication.postgres]\nlock_timeout_seconds = 0",
            "lock_timeout_seconds must be 0.01 or more",
        ),
        ("[run]\nnow = 2026-01-01", "run.now must be a text"),
        ("feeds = 1", "feeds is a section"),
        ("[feeds]\npos = 1", "feeds.pos is a section"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load(tmp_path, text)
    assert told in str(raised.value) and "tokui.toml" in str(raised.value)


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="TOKUI_CONFIG"):
        load_settings(tmp_path / "none.toml")


@pytest.mark.parametrize("section", ["metrics", "plans"])
def test_docs_name_every_choice(section: str) -> None:
    docs = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
    text = docs.read_text(encoding="utf-8").split(f"## [{section}]")[1].split("\n## ")[0]
    names = vars(Metrics()) if section == "metrics" else PLANS
    assert [name for name in names if name not in text] == []


def test_dbt_alone_takes_the_same_choices() -> None:
    """A run passes the settings; dbt by hand has the defaults of its project file."""
    project = Path(__file__).resolve().parents[2] / "dbt_project" / "dbt_project.yml"
    declared = yaml.safe_load(project.read_text(encoding="utf-8"))["vars"]
    assert {name: declared.get(name) for name in vars(Metrics())} == vars(Metrics())


def test_roles_that_may_export_lists(tmp_path: Path) -> None:
    settings = load(
        tmp_path, '[exports.roles.crm]\nchannels = ["email", "post"]\nusers = ["yamada"]\n'
    )
    assert settings.exports.roles["crm"].channels == ("email", "post")
    assert settings.exports.roles["crm"].users == ("yamada",)
    assert not load(tmp_path, "").exports.roles


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[exports]\nrole = "crm"\n', "unknown setting role"),
        ('[exports.roles.crm]\nchannel = ["email"]\n', "unknown setting channel"),
        ('[exports.roles.crm]\nchannels = "email"\n', "must be a list of texts"),
        ('[exports.roles.crm]\nchannels = ["fax"]\n', "is a list of email, line, sms, post"),
        ('[exports.roles.crm]\nusers = ["yamada"]\n', "with one at least"),
    ],
)
def test_a_role_that_is_not_one(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        load(tmp_path, text)
