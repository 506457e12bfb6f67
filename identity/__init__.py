"""Who is one person: the rules' names, the ledger, decisions, and why two records are one.

The partition itself is worked out in SQL, by the models `int_identity_*`.
"""
