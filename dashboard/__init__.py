"""The dashboard: pages on the published file, for people who ask and do not write SQL.

It reads `published/crm.duckdb` alone, follows each new publication, and shows nothing personal.
`make dashboard` starts it.
"""
