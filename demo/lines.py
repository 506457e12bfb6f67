"""Lines of receipts as arrays, and what a line is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from demo.arithmetic import Amounts
from demo.catalogue import Catalogue

LINE_TYPES = ("sale", "return", "gift_card_sale", "fee")
SALE, RETURN, GIFT_CARD_SALE, FEE = range(len(LINE_TYPES))
THOUSAND = 1_000


@dataclass(frozen=True)
class Lines:
    """Arrays over lines, sorted by `receipt` (an index, counted from 0).

    `product` index; `quantity` in thousandths and `own_discount` in yen, negative on a return;
    `unit_price` yen; `line_type` int8 into LINE_TYPES; `tax_included`; `original_line`: number of
    the line that is returned, 0 for none.
    """

    receipt: NDArray[np.int64]
    product: NDArray[np.int64]
    quantity: NDArray[np.int64]
    unit_price: NDArray[np.int64]
    own_discount: NDArray[np.int64]
    line_type: NDArray[np.int8]
    tax_included: NDArray[np.bool_]
    original_line: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.receipt)

    @cached_property
    def amount(self) -> NDArray[np.int64]:
        """Quantity x unit price in whole yen, less the line's own discount."""
        return gross(self.quantity, self.unit_price) - self.own_discount

    @cached_property
    def line_no(self) -> NDArray[np.int64]:
        """Number in the receipt, from 1."""
        return np.arange(len(self)) - np.searchsorted(self.receipt, self.receipt) + 1

    def keep(self, rows: NDArray) -> Lines:
        """These lines alone."""
        return Lines(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})

    def negated(self) -> Lines:
        """The same lines taken back."""
        return replace(self, quantity=-self.quantity, own_discount=-self.own_discount)

    def amounts(
        self, catalogue: Catalogue, discount: NDArray[np.int64], points: NDArray[np.int64]
    ) -> Amounts:
        """What `demo.arithmetic` adds up; `discount` and `points` in yen a receipt."""
        is_goods = (self.line_type == SALE) | (self.line_type == RETURN)
        return Amounts(
            receipt=self.receipt,
            amount=self.amount,
            tax_percent=catalogue.tax_percent[self.product],
            tax_included=self.tax_included,
            is_merchandise=is_goods & catalogue.is_merchandise[self.product],
            is_revenue=self.line_type != GIFT_CARD_SALE,
            discount=discount,
            points=points,
        )


def gross(quantity: NDArray[np.int64], unit_price: NDArray[np.int64]) -> NDArray[np.int64]:
    """Thousandths x yen in whole yen, half a yen up, the same for a return as for its sale."""
    size = (np.abs(quantity) * unit_price + THOUSAND // 2) // THOUSAND
    return np.sign(quantity) * size


def join(parts: Sequence[Lines]) -> Lines:
    """All lines by receipt, within it in the order of the parts."""
    joined = stack(parts)
    return joined.keep(np.argsort(joined.receipt, kind="stable"))


def stack(parts: Sequence[Lines]) -> Lines:
    """The parts one behind the other, whatever their receipts."""
    return Lines(
        **{
            each.name: np.concatenate([getattr(part, each.name) for part in parts])
            for each in fields(Lines)
        }
    )
