"""What a segment may compare: the attributes of customers, and which comparisons make sense.

The model `int_segment_states` has rows of each attribute that a rule names, and the macro
`segment_attributes` names the same ones with the same kinds; a test holds the two lists together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum

SEPARATOR = "|"
MAX_VALUES = 100
"""As many as the model `int_segment_conditions` takes apart."""

LISTS = ("in", "not in")
NULLS = ("is null", "is not null")
ORDERS = ("<", "<=", ">", ">=")
EQUALS = ("=", "<>")


class AttributeKind(Enum):
    """What values an attribute has, and the operators that compare them."""

    TEXT = ("text", (*EQUALS, *LISTS, *NULLS))
    NUMBER = ("number", (*EQUALS, *ORDERS, *LISTS, *NULLS))
    FLAG = ("flag", EQUALS)

    def __init__(self, word: str, operators: tuple[str, ...]) -> None:
        self.word = word
        self.operators = operators


@dataclass(frozen=True)
class Attribute:
    """Something known of a customer at every date; `values` are all it can be, if it is a list."""

    name: str
    kind: AttributeKind
    description: str
    values: tuple[str, ...] = ()


RFM_GROUPS = (
    "CHAMPIONS",
    "LOYAL",
    "PREVIOUSLY_LOYAL",
    "AT_RISK",
    "NEEDS_ATTENTION",
    "ACTIVE",
    "DORMANT",
    "ALMOST_LOST",
    "PROMISING",
    "NEW",
    "PROSPECTS",
    "OUT_OF_WINDOW",
)
KLAVIYO_GROUPS = (
    "CHAMPIONS",
    "LOYAL",
    "RECENT",
    "NEEDS_ATTENTION",
    "AT_RISK",
    "INACTIVE",
    "PROSPECTS",
    "OUT_OF_WINDOW",
)
LIFECYCLE_STATUSES = ("prospect", "new", "active", "at_risk", "dormant", "lost", "reactivated")
AGE_BANDS = ("0-19", "20-29", "30-39", "40-49", "50-59", "60-69", "70+")

_WINDOWS = {"lifetime": "since the first order", "365d": "in the last 365 days"}


def _of_windows(
    name: str, kind: AttributeKind, description: str, values: tuple[str, ...] = ()
) -> tuple[Attribute, ...]:
    return tuple(
        Attribute(f"{name}_{window}", kind, f"{description} {words}", values)
        for window, words in _WINDOWS.items()
    )


ATTRIBUTES = {
    attribute.name: attribute
    for attribute in (
        *_of_windows("rfm_group", AttributeKind.TEXT, "RFM group by what was bought", RFM_GROUPS),
        *_of_windows(
            "klaviyo_group",
            AttributeKind.TEXT,
            "group of the coarser RFM grid by what was bought",
            KLAVIYO_GROUPS,
        ),
        *_of_windows("r_score", AttributeKind.NUMBER, "RFM score of recency, 1 to 5, of buyers"),
        *_of_windows("f_score", AttributeKind.NUMBER, "RFM score of frequency, 1 to 5, of buyers"),
        *_of_windows("m_score", AttributeKind.NUMBER, "RFM score of money, 1 to 5, of buyers"),
        *_of_windows("frequency", AttributeKind.NUMBER, "purchases as RFM counts them"),
        *_of_windows("monetary", AttributeKind.NUMBER, "net sales as RFM counts them"),
        *_of_windows("q_orders", AttributeKind.NUMBER, "qualifying orders"),
        *_of_windows("q_net_sales", AttributeKind.NUMBER, "net sales of qualifying orders"),
        Attribute(
            "lifecycle_status",
            AttributeKind.TEXT,
            "stage of the customer's life",
            LIFECYCLE_STATUSES,
        ),
        Attribute("days_since_last", AttributeKind.NUMBER, "days since the last qualifying order"),
        Attribute(
            "days_since_first", AttributeKind.NUMBER, "days since the first qualifying order"
        ),
        Attribute("is_member", AttributeKind.FLAG, "whether a membership holds"),
        Attribute("days_as_member", AttributeKind.NUMBER, "days since joining, of members"),
        Attribute("member_tier", AttributeKind.TEXT, "tier of the membership"),
        Attribute("home_store_id", AttributeKind.TEXT, "store that the member named as home"),
        Attribute("gender", AttributeKind.TEXT, "gender as the register has it"),
        Attribute("age_band", AttributeKind.TEXT, "age in bands", AGE_BANDS),
        Attribute("prefecture", AttributeKind.TEXT, "prefecture or state"),
        Attribute("occupation", AttributeKind.TEXT, "occupation as the register has it"),
    )
}


def check_rule(line: dict[str, object]) -> str:
    """What is wrong with a line of the segments' file; empty if nothing."""
    attribute = ATTRIBUTES.get(str(line["attribute"]))
    if attribute is None:
        return f'attribute is "{line["attribute"]}"; it is one of {", ".join(ATTRIBUTES)}'
    operator, value = str(line["operator"]), line["value"]
    if operator not in attribute.kind.operators:
        return (
            f'operator is "{operator}", but {attribute.name} is a {attribute.kind.word}: '
            f"{', '.join(attribute.kind.operators)}"
        )
    if operator in NULLS:
        return f'value must be empty after "{operator}"' if value is not None else ""
    if value is None:
        return f'value is empty; "{operator}" needs one, and "is null" finds what is not known'
    return _check_values(attribute, operator, str(value).split(SEPARATOR))


def _check_values(attribute: Attribute, operator: str, values: list[str]) -> str:
    if len(values) > 1 and operator not in LISTS:
        several = "in" if operator != "<>" else "not in"
        return f'value has several values; "{operator}" takes one, "{several}" takes more'
    if len(values) > MAX_VALUES:
        return f"value has {len(values)} values; at most {MAX_VALUES} are allowed"
    if not all(values):
        return f"value has an empty part; values stand with {SEPARATOR} between them"
    faults = (_check_value(attribute, value) for value in values)
    fault = next((fault for fault in faults if fault), "")
    return fault or _check_twice(attribute, values)


def _check_value(attribute: Attribute, value: str) -> str:
    if attribute.kind is AttributeKind.FLAG and value not in ("true", "false"):
        return f'value is "{value}"; {attribute.name} is true or false'
    if attribute.kind is AttributeKind.NUMBER and _number(value) is None:
        return (
            f'value is "{value}"; {attribute.name} is a number, with at most 12 digits before and '
            "6 after the point"
        )
    if attribute.values and value not in attribute.values:
        return f'value is "{value}"; {attribute.name} is one of {", ".join(attribute.values)}'
    return ""


def _check_twice(attribute: Attribute, values: list[str]) -> str:
    seen = [_number(value) if attribute.kind is AttributeKind.NUMBER else value for value in values]
    twice = [value for value, same in zip(values, seen, strict=True) if seen.count(same) > 1]
    return f'value has "{twice[0]}" twice' if twice else ""


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    fits = number.is_finite() and abs(number) < 10**12 and number == round(number, 6)
    return number if fits else None


def check_rules(lines: Iterable[dict[str, object]]) -> tuple[dict[str, object], str] | None:
    """The first line that does not go with those before it, and why: one name a segment."""
    names: dict[object, dict[str, object]] = {}
    for line in lines:
        if line["segment_name"] is None:
            continue
        first = names.setdefault(line["segment_id"], line)
        if first["segment_name"] != line["segment_name"]:
            return line, (
                f'segment_name is "{line["segment_name"]}", but line {first["line"]} calls '
                f'{line["segment_id"]} "{first["segment_name"]}"; one name is enough'
            )
    return None
