"""Ingestion: files of a retailer's systems in, typed and versioned rows in `raw_*` and `pii` out.

What belongs here: the feed contract, reading and checking of files, landing, the keyed hashing of
personal values, and the load into the warehouse by dlt. What does not: anything that knows Dagster
(the linter refuses the import), anything that computes a metric.

The way of the data: `discovery` lists the files of a feed, `reading` turns each into text columns,
`typing_rules` gives them the contract's types or a reason to quarantine, `personal` splits names
and addresses off, `versions` drops rows that say nothing new, `loading` hands the landed Parquet
files to dlt, and `source` runs all of it for one feed.

One feed runs alone with `python -m ingestion pos` (or `email`, `support`).
"""
