"""Orchestration: the nightly run as one transaction, its Dagster assets, and the command line.

What belongs here: opening the warehouse copy, ordering the steps, gates between them, publication,
the journal of runs. What does not: reading files (`ingestion`), rules on data (`expectations`),
metrics (`dbt_project`).

The way of a run: `run.enter` copies `current/warehouse.duckdb` and the published `crm.duckdb` to
`work/`, every step works there, and the marts are built in the second (`marts_file`).
`publication.publish` serves that file and makes the other the current warehouse. A run that fails
leaves the published version as it was.
"""
