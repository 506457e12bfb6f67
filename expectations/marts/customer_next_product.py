"""Products to offer: ranks without holes, goods that are for sale, nothing they have already."""

from expectations.mart_rules import known_customers, known_products, mart_suite, share
from expectations.model import in_set, no_result, no_rows, not_null, unique

SUITE = mart_suite(
    "customer_next_product",
    ("customer_key", "product_rank"),
    unique(
        ("customer_key", "product_id"),
        name="product_once_a_customer",
        slot="cast(hash(product_id) % 63 as bigint)",
    ),
    not_null("product_id"),
    not_null("reason"),
    not_null("score"),
    not_null("confidence"),
    in_set("reason", ("replenish", "goes_with", "popular"), acceptable=False),
    in_set("evidence_scope", ("own", "store", "all"), acceptable=False),
    share("score"),
    share("confidence"),
    known_customers(),
    known_products(),
    no_result(
        "ranks_without_holes",
        "select customer_key, max(product_rank) as product_rank from {table} "
        "group by customer_key having min(product_rank) <> 1 or max(product_rank) <> count(*)",
        "The ranks of a customer must be 1, 2, 3 and so on: report it.",
    ),
    no_rows(
        "reason_is_told",
        "(reason = 'popular') <> (because_product_id is null) "
        "or (reason = 'popular') <> (n_ab is null) or (reason = 'goes_with') <> (lift is not null) "
        "or coalesce(because_product_id = product_id, false) <> (reason = 'replenish') "
        "or (reason = 'replenish') <> (evidence_scope = 'own')",
        "Each reason names the product that it comes from, but popularity: report it.",
        acceptable=False,
    ),
    no_result(
        "for_sale",
        "select {row_id} from {table} as here where not exists (select 1 "
        "from marts.dim_product as product where product.product_id = here.product_id "
        "and product.is_merchandise and product.is_active is not false "
        "and product.is_sample is not true and product.membership_months is null)",
        "A product is offered that is no merchandise, a sample, or out of the range: report it.",
    ),
    no_result(
        "nothing_they_had_but_what_is_used_up",
        # First the pairs, hardly any, by a join: "exists" would look up in a table of all lines.
        "with bought as (select customer_key, product_id from marts.fct_sales_line as line "
        "inner join {table} as here using (customer_key, product_id) "
        "where line.is_merchandise and here.reason <> 'replenish') "
        "select {row_id} from {table} as here where reason <> 'replenish' and exists (select 1 "
        "from bought where bought.customer_key = here.customer_key "
        "and bought.product_id = here.product_id)",
        "A product is offered as new to somebody who bought it before: report it.",
    ),
    no_result(
        "pair_is_in_basket_pair",
        "select {row_id} from {table} as here where reason = 'goes_with' and not exists (select 1 "
        "from marts.basket_pair as pair where pair.level = 'product' and pair.scope_type = 'all' "
        "and pair.item_a = here.because_product_id and pair.item_b = here.product_id "
        "and pair.n_ab = here.n_ab and pair.confidence = here.confidence)",
        "Confidence and counts of a pair are not those of basket_pair: report it.",
    ),
    no_result(
        "who_never_bought_has_a_list",
        "select customer_key, 1 as product_rank from marts.dim_customer as person "
        "where not is_internal and exists (select 1 from {table} where reason = 'popular') "
        "and customer_key not in (select customer_key from {table}) and not exists (select 1 "
        "from marts.fct_sales_line as line where line.customer_key = person.customer_key)",
        "Best sellers are offered, but not to everybody who never bought: report it.",
    ),
    has_customer_key=True,
    slot="product_rank",
)
