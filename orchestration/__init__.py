"""Orchestration: the nightly run as one transaction, its Dagster assets, and the command line.

What belongs here: opening the warehouse copy, ordering the steps, gates between them, publication,
the journal of runs. What does not: reading files (`ingestion`), rules on data (`expectations`),
metrics (`dbt_project`).

The way of a run: `run.enter` copies `current/warehouse.duckdb` to `work/`, every step works there,
`publication.publish` serves the marts and makes the copy the current warehouse. A run that fails
leaves the published version as it was.
"""
