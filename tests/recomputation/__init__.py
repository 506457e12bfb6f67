"""Every published table worked out a second time, in pandas and plain loops.

The modules share no code with the models of dbt: each starts from the published facts (receipts,
lines, customers) or, where those are not published, from staging, and follows the definitions of
the documents. `facts.py` reads, `comparison.py` compares, the other modules recompute a subject
each.
"""
