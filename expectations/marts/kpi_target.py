"""Targets: of known KPIs and stores, resolved by their basis."""

from expectations.mart_rules import mart_suite
from expectations.model import in_set, no_result, no_rows, not_null, reconciles

KEY = ("kpi", "scope_type", "scope_key", "period_start", "period_end")
BASES = ("absolute", "yoy_abs", "yoy_pct", "delta_from_start")
FILE = "the file that [plans] kpi_targets names"

SUITE = mart_suite(
    "kpi_target",
    KEY,
    in_set("scope_type", ("all", "store"), acceptable=False),
    in_set("basis", BASES, acceptable=False),
    not_null("target_raw"),
    not_null("direction"),
    in_set("direction", ("up", "down"), acceptable=False),
    no_result(
        "kpi_in_kpi_daily",
        "select plan_line from {table} as here where not exists "
        "(select 1 from marts.kpi_daily as days where days.kpi = here.kpi)",
        "A target is set for a KPI that kpi_daily lacks. Correct kpi in the lines named of "
        f"{FILE}.",
        row_id=("plan_line",),
    ),
    no_result(
        "store_in_dim_store",
        "select plan_line from {table} as here where scope_type = 'store' and not exists "
        "(select 1 from marts.dim_store as stores where stores.store_id = here.scope_key)",
        "A target is set for a store that nobody knows. Correct scope_key in the lines named of "
        f"{FILE}, or take them out until the store is delivered.",
        row_id=("plan_line",),
    ),
    no_result(
        "campaign_is_known",
        "select plan_line from {table} as here where campaign_id is not null and not exists "
        "(select 1 from staging.stg_email__campaigns as campaigns "
        "where campaigns.campaign_id = here.campaign_id)",
        "A target names a campaign that nobody knows. Correct campaign_id in the lines named of "
        f"{FILE}, or leave it empty until the campaign is delivered.",
        row_id=("plan_line",),
    ),
    no_rows(
        "target_follows_from_base",
        "case basis when 'absolute' then base_value is not null or "
        "abs(target_value - target_raw) > {rate_tolerance} "
        "when 'yoy_pct' then abs(target_value - base_value * (1 + target_raw / 100)) "
        "> {rate_tolerance} * greatest(1, abs(target_value)) "
        "else abs(target_value - base_value - target_raw) "
        "> {rate_tolerance} * greatest(1, abs(target_value)) end",
        "target_value is not what basis, base_value and target_raw make: report it.",
        acceptable=False,
    ),
    no_rows(
        "no_target_without_base",
        "basis <> 'absolute' and (base_value is null) <> (target_value is null)",
        "A target that counts from a base is known exactly when the base is: report it.",
        acceptable=False,
    ),
    reconciles(
        "every_line_is_a_target",
        "select count(*) from {table}",
        "select count(*) from plans.kpi_targets",
        "Lines of the plan file are missing among the targets, or stand there twice: report it.",
    ),
    text_columns=("note",),
)
