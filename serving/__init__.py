"""Copies of a published version for readers that do not open DuckDB's file: Postgres, CSV.

What belongs here: making a copy of one version, whole and of that version alone. What does not:
deciding what is published, which is `orchestration.publication`. Nothing here imports Dagster.
"""
