"""The demo retailer: a generator of feeds whose truth is known.

What belongs here: people, what they are called in each source, what they buy, read and write, and
the truth about it. What does not: anything that reads the warehouse.

Everything is drawn from a seed. What happens after the base history is drawn up front as well, so
that a night is a filter by day and the same seed gives the same bytes.
"""
