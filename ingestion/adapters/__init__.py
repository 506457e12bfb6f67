"""Adapters: foreign data sets rewritten as files of the feed contract.

What belongs here: one module a data set, which reads the data set where it is installed and writes
files that a feed could have delivered. What does not: anything that reads a feed's files; an
adapter's output takes the same way in as a retailer's export.
"""
