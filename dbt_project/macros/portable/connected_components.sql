{#
    Connected components of an undirected graph: a query with the columns `node` and `label`, one
    row a node that has an edge, the label being the least node of its component.

    `edges` is a relation (a ref, not a CTE: other engines read it once a round), `node_a` and
    `node_b` name its columns, `condition` keeps some of its rows. Call it as the whole body of a
    CTE:

        components as (
            {{ connected_components(ref('int_household_edges'), 'key_a', 'key_b') }}
        )

    DuckDB spreads the least label in a recursive CTE that keeps one row a node; elsewhere the same
    is done in rounds of tables, each a statement of its own.
#}
{% macro connected_components(edges, node_a='node_a', node_b='node_b', condition='true') -%}
    {{ portable(
        adapter.dispatch('connected_components', 'tokui')(edges, node_a, node_b, condition)
    ) }}
{%- endmacro %}

{% macro duckdb__connected_components(edges, node_a, node_b, condition) -%}
    with recursive

    both_ways as materialized (
        select {{ node_a }} as node, {{ node_b }} as neighbour from {{ edges }} where {{ condition }}
        union all
        select {{ node_b }}, {{ node_a }} from {{ edges }} where {{ condition }}
    ),

    components(node, label) using key (node) as (
        select node, min(least(node, neighbour)) as label from both_ways group by node
        union
        (
            select both_ways.node, min(reached.label) as label
            from components as reached
            inner join both_ways on reached.node = both_ways.neighbour
            inner join recurring.components as known on both_ways.node = known.node
            where reached.label < known.label
            group by both_ways.node
        )
    )

    select node, label from components
{%- endmacro %}

{% macro default__connected_components(edges, node_a, node_b, condition) -%}
    {%- set work = this.schema ~ '.' ~ this.identifier ~ '_' ~ local_md5(condition)[:8] -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'show') -%}
        {%- do run_query(
            "create or replace table " ~ work ~ "_both_ways as select " ~ node_a ~ " as node, "
            ~ node_b ~ " as neighbour from " ~ edges ~ " where " ~ condition
            ~ " union all select " ~ node_b ~ ", " ~ node_a ~ " from " ~ edges
            ~ " where " ~ condition
        ) -%}
        {%- do run_query(
            "create or replace table " ~ work ~ "_0 as select node, "
            ~ "min(least(node, neighbour)) as label from " ~ work ~ "_both_ways group by node"
        ) -%}
        {%- set going = namespace(rounds=0, changed=1) -%}
        {%- for _ in range(1000) if going.changed -%}
            {%- set old = work ~ "_" ~ (going.rounds % 2) -%}
            {%- set new = work ~ "_" ~ ((going.rounds + 1) % 2) -%}
            {%- do run_query(
                "create or replace table " ~ new ~ " as select known.node, "
                ~ "least(min(known.label), min(reached.label)) as label from " ~ old ~ " as known "
                ~ "inner join " ~ work ~ "_both_ways as b on known.node = b.node "
                ~ "inner join " ~ old ~ " as reached on b.neighbour = reached.node "
                ~ "group by known.node"
            ) -%}
            {%- set going.changed = run_query(
                "select count(*) from " ~ old ~ " as o inner join " ~ new
                ~ " as n on o.node = n.node where o.label <> n.label"
            ).columns[0][0] -%}
            {%- set going.rounds = going.rounds + 1 -%}
        {%- endfor -%}
        select node, label from {{ work }}_{{ going.rounds % 2 }}
    {%- else -%}
        select {{ node_a }} as node, {{ node_b }} as label from {{ edges }} where false
    {%- endif -%}
{%- endmacro %}
