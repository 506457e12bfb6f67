"""The demo retailer: a small sample of all three feeds, written by hand.

What belongs here: `sample/`, the files that `make demo` reads as if a register, a mail tool and a
help desk had delivered them. What does not: code that reads them (the feed contract's own does) or
the marts that they must lead to (`tests/end_to_end/expected`).

The sample has two stores, thirty members and the business dates 2026-07-01 to 2026-09-30, the last
date for which every store's register closings have arrived. `sample/README.md` lists each special
case and the file that it stands in. Every name, address and number in it is invented.
"""
