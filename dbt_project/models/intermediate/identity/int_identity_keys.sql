{{ config(materialized='table') }}

{{ identity_keys(ref('int_identity_records')) }}
