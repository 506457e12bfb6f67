"""Pairs in baskets: counts fit into each other, measures come of them, both ways stand there."""

from expectations.mart_rules import mart_suite, share
from expectations.model import in_set, no_result, no_rows

SUITE = mart_suite(
    "basket_pair",
    ("scope_type", "scope_key", "level", "item_a", "item_b"),
    in_set("scope_type", ("all", "channel", "store"), acceptable=False),
    in_set("level", ("product", "category"), acceptable=False),
    no_rows(
        "counts_fit_into_each_other",
        "n_ab < 1 or n_ab > least(n_a, n_b) or greatest(n_a, n_b) > n_baskets "
        "or n_a + n_b - n_ab > n_baskets or item_a = item_b",
        "More baskets hold both items than hold one of them, or more hold one than there are: a "
        "night added wrongly. Run `tokui refresh --full`, which counts every basket again, and "
        "report it.",
        acceptable=False,
    ),
    no_rows(
        "measures_come_of_counts",
        "abs(support - cast(n_ab as double) / n_baskets) > {rate_tolerance} "
        "or abs(confidence - cast(n_ab as double) / n_a) > {rate_tolerance} "
        "or abs(lift * n_a * n_b / n_baskets - n_ab) > 0.000001 * n_ab "
        "or abs(lift_adjusted * expected_n_ab - n_ab) > 0.000001 * n_ab",
        "A measure is not what its definition makes of the counts beside it: report it.",
        acceptable=False,
    ),
    no_rows(
        "measures_within_intervals",
        "not (lift between lift_low and lift_high) "
        "or not (lift_adjusted between lift_adjusted_low and lift_adjusted_high) "
        "or is_affinity <> coalesce(lift_adjusted_low >= 2, false)",
        "An interval does not hold its measure, or an affinity is not what its interval says: "
        "report it.",
        acceptable=False,
    ),
    no_result(
        "both_directions",
        "select {row_id} from {table} as here where not exists (select 1 from {table} as there "
        "where there.scope_type = here.scope_type and there.scope_key = here.scope_key "
        "and there.level = here.level and there.item_a = here.item_b "
        "and there.item_b = here.item_a and there.n_ab = here.n_ab "
        "and there.n_a = here.n_b and there.n_b = here.n_a)",
        "A pair lacks its other direction, so somebody who looks for the second item finds "
        "nothing: report it.",
    ),
    no_result(
        "products_in_dim_product",
        "select {row_id} from {table} as here where level = 'product' and not exists "
        "(select 1 from marts.dim_product as there where there.product_id = here.item_a)",
        "dim_product lacks a product of this table, so a join would lose rows. An inferred row "
        "should stand there: report it.",
    ),
    share("support"),
    share("confidence"),
)
