"""The plan files: one entry a file that a manager may write.

Docs for those who write them stand in `docs/plans.md`. The setting `[plans] <name>` of `tokui.toml`
names a file; without one, `defaults/<name>.csv` counts, and without that the plan is empty.
"""

from __future__ import annotations

from plans.kpis import check_target
from plans.model import Kind, PlanColumn, PlanTable
from plans.segments import check_rule, check_rules

_ALL = "all"


def _check_hours(line: dict[str, object]) -> str:
    if not 1 <= line["day_of_week"] <= 7:
        return "day_of_week is 1 (Monday) to 7 (Sunday)"
    if line["closes_at"] <= line["opens_at"]:
        return "closes_at must lie after opens_at; a night is two lines, to 24:00 and from 00:00"
    return ""


def _check_closing(line: dict[str, object]) -> str:
    if (line["closed_on"] is None) == (line["day_of_week"] is None):
        return "give either closed_on or day_of_week"
    if line["day_of_week"] is not None and not 1 <= line["day_of_week"] <= 7:
        return "day_of_week is 1 (Monday) to 7 (Sunday)"
    return ""


def _check_list(line: dict[str, object]) -> str:
    if (line["recipe"] == "segment") != (line["segment_id"] is not None):
        return "recipe segment needs a segment_id, and no other recipe has one"
    for name in ("max_contacts", "contact_days", "recipe_days"):
        if line[name] < 1:
            return f"{name} must be 1 or more"
    return ""


KPI_TARGETS = PlanTable(
    "kpi_targets",
    "Targets of KPIs for periods.",
    ("kpi", "scope_type", "scope_key", "period_start", "period_end"),
    (
        PlanColumn("kpi", Kind.TEXT, "Name of a KPI of kpi_daily.", required=True),
        PlanColumn("scope_type", Kind.TEXT, "all or store.", default=_ALL, values=(_ALL, "store")),
        PlanColumn("scope_key", Kind.TEXT, "all, or the store's id.", default=_ALL),
        PlanColumn("period_start", Kind.DATE, "First date of the period.", required=True),
        PlanColumn("period_end", Kind.DATE, "Last date of the period.", required=True),
        PlanColumn(
            "basis",
            Kind.TEXT,
            "absolute: the target itself. yoy_abs: so much more than in the year before. yoy_pct: "
            "so many per cent more than in the year before. delta_from_start: so much more than "
            "on the day before the period.",
            required=True,
            values=("absolute", "yoy_abs", "yoy_pct", "delta_from_start"),
        ),
        PlanColumn(
            "target",
            Kind.DECIMAL,
            "The number that the basis explains; a share as 0.5, not 50.",
            required=True,
        ),
        PlanColumn(
            "direction",
            Kind.TEXT,
            "up: more is better; down: less is. Empty: as the KPI is.",
            values=("up", "down"),
        ),
        PlanColumn("campaign_id", Kind.TEXT, "The campaign that shall bring it about."),
        PlanColumn("note", Kind.TEXT, "For people."),
    ),
    check_target,
)

SEGMENT_RULES = PlanTable(
    "segment_rules",
    "Segments of customers: conditions, one a line.",
    ("segment_id", "alternative", "attribute", "operator"),
    (
        PlanColumn("segment_id", Kind.TEXT, "Short name of the segment.", required=True),
        PlanColumn("segment_name", Kind.TEXT, "Name for people."),
        PlanColumn(
            "alternative",
            Kind.INTEGER,
            "Lines of one number hold together; one number is enough.",
            default="1",
        ),
        PlanColumn(
            "attribute",
            Kind.TEXT,
            "What of the customer is compared: docs/metrics/segments.md lists it.",
            required=True,
        ),
        PlanColumn(
            "operator",
            Kind.TEXT,
            "How.",
            required=True,
            values=("=", "<>", "<", "<=", ">", ">=", "in", "not in", "is null", "is not null"),
        ),
        PlanColumn("value", Kind.LIST, "With what; several values with | between them."),
    ),
    check_rule,
    check_rules,
)

PROMOTION_LISTS = PlanTable(
    "promotion_lists",
    "Lists of customers to write to, each by a saved recipe.",
    ("list_id",),
    (
        PlanColumn("list_id", Kind.TEXT, "Short name of the list.", required=True),
        PlanColumn("list_name", Kind.TEXT, "Name for people."),
        PlanColumn(
            "recipe",
            Kind.TEXT,
            "dormant_winback, sample_no_purchase, first_time_coupon, loyal_no_complaint, or "
            "segment: the members of segment_id.",
            required=True,
            values=(
                "dormant_winback",
                "sample_no_purchase",
                "first_time_coupon",
                "loyal_no_complaint",
                "segment",
            ),
        ),
        PlanColumn(
            "segment_id",
            Kind.TEXT,
            "The segment, for the recipe segment.",
            refers_to=("segment_rules", "segment_id"),
        ),
        PlanColumn(
            "channel",
            Kind.TEXT,
            "How they would be written to: email, line or dm.",
            required=True,
            values=("email", "line", "dm"),
        ),
        PlanColumn(
            "max_contacts", Kind.INTEGER, "Who had so many messages gets none.", default="4"
        ),
        PlanColumn("contact_days", Kind.INTEGER, "Within so many days.", default="30"),
        PlanColumn(
            "recipe_days",
            Kind.INTEGER,
            "So many days back a sample or a complaint counts.",
            default="365",
        ),
    ),
    _check_list,
)

BUSINESS_HOURS = PlanTable(
    "business_hours",
    "When the help desk is open, by group of agents, in the company's time zone.",
    ("group_id", "day_of_week", "opens_at"),
    (
        PlanColumn(
            "group_id", Kind.TEXT, "The help desk's group; all for the others.", default=_ALL
        ),
        PlanColumn("day_of_week", Kind.INTEGER, "1 (Monday) to 7 (Sunday).", required=True),
        PlanColumn("opens_at", Kind.TIME, "From this time on.", required=True),
        PlanColumn(
            "closes_at", Kind.TIME, "To this time; 24:00 is the end of the day.", required=True
        ),
    ),
    _check_hours,
)

HOLIDAYS = PlanTable(
    "holidays",
    "Days on which the help desk is closed whatever the weekday.",
    ("group_id", "holiday_date"),
    (
        PlanColumn(
            "group_id", Kind.TEXT, "The help desk's group; all for every group.", default=_ALL
        ),
        PlanColumn("holiday_date", Kind.DATE, "The date.", required=True),
        PlanColumn("name", Kind.TEXT, "For people."),
    ),
)

STORE_CLOSINGS = PlanTable(
    "store_closings",
    "Days on which shops are closed: no business days when a target's pace is counted.",
    ("scope_key", "closed_on", "day_of_week"),
    (
        PlanColumn("scope_key", Kind.TEXT, "all, or the store's id.", default=_ALL),
        PlanColumn("closed_on", Kind.DATE, "A date."),
        PlanColumn("day_of_week", Kind.INTEGER, "Or every 1 (Monday) to 7 (Sunday)."),
        PlanColumn("note", Kind.TEXT, "For people."),
    ),
    _check_closing,
)

TICKET_TYPES = PlanTable(
    "ticket_types",
    "Types of tickets by their topic, for help desks that have no types.",
    ("topic",),
    (
        PlanColumn("topic", Kind.TEXT, "A topic of the help desk.", required=True),
        PlanColumn(
            "ticket_type",
            Kind.TEXT,
            "What tickets of that topic are, where they do not say.",
            required=True,
            values=("complaint", "inquiry", "return", "praise"),
        ),
    ),
)

PLANS = {
    table.name: table
    for table in (
        KPI_TARGETS,
        SEGMENT_RULES,
        PROMOTION_LISTS,
        BUSINESS_HOURS,
        HOLIDAYS,
        STORE_CLOSINGS,
        TICKET_TYPES,
    )
}
