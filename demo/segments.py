"""Kinds of customers, and the process by which each of them buys.

Most segments buy until they die: a person's purchase days come at a rate lambda ~ Gamma(r,
alpha) per day, and after each of them, the first included, the person is gone with probability
p ~ Beta(a, b). That is MBG/NBD (Batislam, Denizel, Filiztekin 2007). Spend a purchase follows
Gamma-Gamma (Fader, Hardie 2005): shape `spend_p`, rate nu ~ Gamma(spend_q, spend_gamma), so the
mean over people is p * gamma / (q - 1). One segment buys in seasons and clumps instead.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Segment:
    """One kind of customer.

    `share` is its share of the people who are neither children nor companies; those have segments
    of their own, and children buy nothing by themselves. `r`, `alpha`, `a`, `b` as above, in days
    (of a clumpy segment: `clumps_per_year` clumps of `clump_size` purchase days on average, within
    `clump_days` days, mostly in `season` months). Spend is net, in yen. `online_share`: share of
    purchases made online by those who have an account.
    """

    name: str
    share: float
    r: float
    alpha: float
    a: float
    b: float
    spend_p: float
    spend_q: float
    spend_gamma: float
    online_share: float
    clumps_per_year: float = 0.0
    clump_size: float = 0.0
    clump_days: int = 0
    season: tuple[int, ...] = ()

    @property
    def is_clumpy(self) -> bool:
        return self.clumps_per_year > 0


SEGMENTS = (
    Segment("loyal", 0.14, 2.2, 40.0, 0.6, 14.0, 6.0, 4.0, 1400.0, 0.15),
    Segment("regular", 0.30, 1.1, 60.0, 0.8, 7.0, 5.5, 4.2, 1600.0, 0.20),
    Segment("occasional", 0.30, 0.8, 110.0, 0.9, 3.6, 5.0, 3.8, 1700.0, 0.25),
    Segment("one_off", 0.12, 0.5, 150.0, 1.6, 1.2, 4.5, 3.5, 2000.0, 0.35),
    Segment("gifts", 0.14, 0.0, 0.0, 0.0, 0.0, 5.0, 4.0, 3000.0, 0.30,
            clumps_per_year=1.6, clump_size=3.0, clump_days=18, season=(3, 7, 12)),
    Segment("child", 0.0, 0.7, 90.0, 0.8, 4.0, 5.0, 4.0, 500.0, 0.05),
    Segment("company", 0.0, 2.0, 45.0, 0.5, 12.0, 4.0, 3.5, 9000.0, 0.40),
)  # fmt: skip
CHILD = 5
COMPANY = 6
