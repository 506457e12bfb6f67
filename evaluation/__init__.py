"""Evaluation: how good the answers are, measured against the planted truth and public data.

Nothing here is part of a nightly run, and nothing of the pipeline reads what stands here. Run it
with `python -m evaluation` and a subcommand (`--help` lists them), or all of it with
`make identity`. Figures go to standard output, never into a warehouse.
"""
