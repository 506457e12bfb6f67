"""A copy of a publication in Postgres: what many people's BI tools read at once.

`copying.bring_up` is the one way in. What belongs here: tables of a version and what dbt says of
them (`tables`, `models`), their definition there (`types`, `ddl`), the load (`load`), the swap
(`swap`, `views`) and what is left behind (`leftovers`). What does not: which version is published.
"""
