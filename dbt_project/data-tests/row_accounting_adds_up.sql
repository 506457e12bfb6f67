-- Every raw row is staged, superseded or deleted: none lost, none counted twice.
select *
from {{ ref('stg_row_accounting') }}
where raw_rows <> staged_rows + superseded_rows + deleted_rows
