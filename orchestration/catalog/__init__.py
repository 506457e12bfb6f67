"""What is written about the models by the models: pages, diagrams, exposures, dbt's documentation.

`python -m orchestration.catalog` writes what is kept in the repository (`docs/dictionary/`,
`docs/entities.md`, `dbt_project/models/exposures.yml`) after a change of models; a test tells when
that was forgotten. `tokui docs` makes the site. Everything comes from the parsed project and from
the lists in this package; no row of data is read.
"""
