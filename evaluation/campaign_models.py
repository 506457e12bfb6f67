"""The models of campaign effects, run on a demo world that was put straight into their tables.

People are their own customers here: what is judged is the estimate, not who was found to be who.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from demo.calendar import HORIZON_DAYS, date_of, dates_of
from demo.world import World
from evaluation.campaign_truth import (
    Customers,
    audience_customers,
    buyers,
    perfect_identity,
)
from evaluation.compiled_models import compiled
from ingestion.engine import connect

if TYPE_CHECKING:
    import duckdb

MODELS = (
    "int_state_dates",
    "int_rfm_cells",
    "int_klaviyo_cells",
    "int_rfm_spans",
    "int_rfm_cuts",
    "int_rfm_month_states",
    "int_rfm_day_states",
    "int_rfm_states",
    "int_campaign_people",
    "int_campaign_strata",
    "int_campaign_balance",
    "int_campaign_matches",
    "campaign_effect",
)
_REACTIONS = (
    "has_human_open", "has_machine_open", "has_click", "has_unsubscribed", "has_complained",
)  # fmt: skip
AS_OF = date_of(HORIZON_DAYS - 1)
_MONEY = pa.decimal128(21, 2)


def compile_models() -> list[str]:
    """Statements that build the models for the whole horizon of a demo."""
    variables = {"as_of_date": AS_OF.isoformat(), "history_months": HORIZON_DAYS // 28}
    with TemporaryDirectory() as folder:
        return compiled(Path(folder) / "warehouse.duckdb", MODELS, variables)


def estimate(
    world: World, statements: list[str], folder: Path, *, held_out: NDArray[np.bool_] | None = None
) -> Path:
    """A warehouse with the effects of all campaigns of a world.

    Args:
        held_out: whom to call held out, of each contact, instead of those who were: to see what
            becomes of arms that chance did not draw.
    """
    path = folder / "warehouse.duckdb"
    path.unlink(missing_ok=True)
    with connect(path) as connection:
        connection.execute("set threads = 2")
        _put_tables(connection, world, held_out)
        for statement in statements:
            connection.execute(statement)
    return path


def _put_tables(
    connection: duckdb.DuckDBPyConnection, world: World, held_out: NDArray[np.bool_] | None
) -> None:
    """What the models read: campaigns, audiences, customers, receipts."""
    connection.execute("create schema intermediate; create schema marts")
    customers = perfect_identity(world)
    tables = {
        "int_campaigns": _campaigns(world),
        "int_campaign_recipients": _recipients(world, customers, held_out),
        "int_customers": _customers(customers),
        "int_sales_receipts": _receipts(world, customers),
    }
    for name, table in tables.items():
        connection.register("given", table)
        connection.execute(f"create table intermediate.{name} as select * from given")
        connection.unregister("given")
    connection.execute(
        "create view intermediate.int_receipts as select * from intermediate.int_sales_receipts"
    )


def _campaigns(world: World) -> pa.Table:
    campaigns = world.plan.campaigns
    return pa.table(
        {
            "campaign_id": pa.array(campaigns.campaign_id),
            "sent_date": pa.array(dates_of(campaigns.send_day)),
        }
    )


def _recipients(world: World, customers: Customers, held_out: NDArray[np.bool_] | None) -> pa.Table:
    """One row a contact, as int_campaign_recipients has it, all of them delivered."""
    plan, audiences = world.plan, world.plan.audiences
    is_holdout = audiences.is_holdout if held_out is None else held_out
    person = _keys(audience_customers(plan, customers))
    variant = np.where(is_holdout, None, np.where(audiences.is_variant_b, "B", "A"))
    return pa.table(
        {
            "campaign_id": pa.array(np.array(plan.campaigns.campaign_id)[audiences.campaign]),
            "customer_key": person,
            "person_id": person,
            "variant": pa.array(variant, pa.string()),
            "is_holdout": pa.array(is_holdout),
            "outcome": pa.array(np.where(is_holdout, "not_sent", "delivered")),
            **{name: pa.array(np.zeros(len(audiences), dtype=bool)) for name in _REACTIONS},
        }
    )


def _customers(customers: Customers) -> pa.Table:
    return pa.table(
        {
            "customer_key": _keys(np.arange(customers.count)),
            "is_internal": pa.array(customers.is_internal),
        }
    )


def _receipts(world: World, customers: Customers) -> pa.Table:
    """One row a visit: what it aims at is what is spent."""
    visits = world.visits
    buyer = buyers(visits, customers)
    yen = np.maximum(np.rint(visits.spend), 1).astype(np.int64)
    return pa.table(
        {
            "receipt_id": pa.array(np.arange(len(visits))),
            "customer_key": _keys(buyer),
            "business_date": pa.array(dates_of(visits.day)),
            "net_sales_order_dated": pa.array(yen).cast(pa.decimal128(19)).cast(_MONEY),
            "is_qualifying": pa.array(np.ones(len(visits), dtype=bool)),
        }
    )


def _keys(customer: NDArray[np.int64]) -> pa.Array:
    return pa.array(np.char.add("c", customer.astype(str)), mask=customer < 0)
