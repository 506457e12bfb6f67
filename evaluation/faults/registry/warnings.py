"""What is odd and no reason to stop: published, with a warning where somebody should look."""

from evaluation.faults.content import later
from evaluation.faults.model import Fault
from evaluation.faults.outcomes import Warned
from evaluation.faults.rows import add_row, added_column, both, set_cell

SAME_SALES = (
    "(select sum(net_sales) from marts.fct_sales_line) "
    "= (select sum(net_sales) from clean.marts.fct_sales_line)"
)
"""No yen of the clean night is lost or new."""

WARNINGS = (
    Fault("a product that the master lacks", "product not in the master", "raw_pos.receipt_lines",
          set_cell("raw_pos.receipt_lines", product_id="P999999"),
          Warned((), f"{SAME_SALES} and exists "
                    "(from marts.dim_product where product_id = 'P999999' and is_inferred)")),
    Fault("a member that the master lacks", "member not in the master", "raw_pos.receipts",
          set_cell("raw_pos.receipts", member_id="M9999999"),
          Warned(("staging.stg_pos__receipts.member_id_in_stg_pos__members",
                  "marts.dim_customer.inferred_customers"), SAME_SALES)),
    Fault("a store that the master lacks", "store not in the master", "raw_pos.receipts",
          both(add_row("raw_pos.receipts", store_id="S099", total_inc_tax="1100", tax_total="100",
                       discount_total="0", points_used="0"),
               add_row("raw_pos.receipt_lines", line_no="1", quantity="1", unit_price="1100",
                       line_amount="1100", discount_amount="0", tax_rate="0.1",
                       tax_included="true"),
               add_row("raw_pos.payments", payment_no="1", amount="1100")),
          Warned(("staging.stg_pos__receipts.store_id_in_stg_pos__stores",
                  "marts.dim_store.inferred_stores"),
                 "exists (from marts.dim_store where store_id = 'S099' and is_inferred)",
                 shares="")),
    Fault("no receipt for five days", "feed stopped", "raw_pos.receipts", later(days=4),
          Warned(("raw_pos.receipts.newest_receipt_age_days",), SAME_SALES, shares="")),
    Fault("a column nobody asked for", "column added", "raw_pos.payments",
          added_column("raw_pos.payments", "terminal", "T-1"),
          Warned(("raw_pos.payments.no_unknown_columns",), SAME_SALES)),
    Fault("SQL for a column's name", "SQL in a column name", "raw_support.tickets",
          added_column("raw_support.tickets", 'x"; drop table raw_pos.receipts; --', "1"),
          Warned(("raw_support.tickets.no_unknown_columns",), SAME_SALES)),
    Fault("a line that does not multiply", "arithmetic of a line", "raw_pos.receipt_lines",
          set_cell("raw_pos.receipt_lines", unit_price="999"),
          Warned(("staging.stg_pos__receipt_lines.line_arithmetic",), SAME_SALES)),
    Fault("a tender that is missing", "payments differ from the total", "raw_pos.payments",
          set_cell("raw_pos.payments", amount="1"),
          Warned(("staging.stg_pos__receipts.total_equals_payments",), SAME_SALES)),
    Fault("a member who left before joining", "dates in the wrong order", "raw_pos.members",
          set_cell("raw_pos.members", joined_at="2026/09/30 10:00:00",
                   left_at="2026/09/01 10:00:00", updated_at="2026/10/01 10:00:00"),
          Warned(("raw_pos.members.left_after_joining",), SAME_SALES)),
    Fault("a coupon that expired before it was issued", "dates in the wrong order",
          "raw_pos.coupons_issued",
          add_row("raw_pos.coupons_issued", issued_at="2026-09-30 00:00:00",
                  expires_at="2026-09-01 00:00:00"),
          Warned(("raw_pos.coupons_issued.expires_after_issue",), SAME_SALES)),
    Fault("a ticket that changed before it was there", "dates in the wrong order",
          "raw_support.tickets",
          add_row("raw_support.tickets", created_at="2026-10-01 10:00:00",
                  updated_at="2026-09-30 10:00:00"),
          Warned(("raw_support.tickets.updated_after_creation",), SAME_SALES)),
    Fault("an invitation to nobody", "nobody is named", "raw_support.survey_invitations",
          add_row("raw_support.survey_invitations", requester_id="", member_id=""),
          Warned(("raw_support.survey_invitations.someone_is_named",), SAME_SALES)),
    Fault("a message of no ticket", "reference to nothing", "raw_support.messages",
          add_row("raw_support.messages", ticket_id="T9999999"),
          Warned(("staging.stg_support__messages.ticket_id_in_stg_support__tickets",), SAME_SALES)),
    Fault("an event of a stranger", "reference to nothing", "raw_email.events",
          add_row("raw_email.events", subscriber_id="L9999999"),
          Warned(("staging.stg_email__events.subscriber_id_in_stg_email__subscribers",
                  "marts.dim_customer.inferred_customers"),
                 SAME_SALES)),
    Fault("a guest of no event", "reference to nothing", "raw_email.attendances",
          add_row("raw_email.attendances", campaign_id="C9999"),
          Warned(("staging.stg_email__attendances.campaign_id_in_stg_email__campaigns",),
                 SAME_SALES)),
    Fault("a guest without a name", "nobody is named", "raw_email.attendances",
          add_row("raw_email.attendances", subscriber_id="", member_id=""),
          Warned(("raw_email.attendances.someone_is_named",), SAME_SALES)),
    Fault("a link to no member", "nobody is named", "raw_support.chat_links",
          add_row("raw_support.chat_links", action="link_account", member_id=""),
          Warned(("raw_support.chat_links.linked_account_is_named",), SAME_SALES)),
)  # fmt: skip
