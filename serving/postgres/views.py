"""Views that people made of the published tables, in schemas of their own: they are taken along.

A view holds on to the very tables it was made of. Without this it would show the first version for
ever, and keep that version from being dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import Error, sql

from serving.postgres.errors import said
from serving.postgres.schemas import Names

if TYPE_CHECKING:
    import psycopg

# Views of others are left alone: to replace one takes the rights of its owner. A materialised view
# cannot be replaced at all.
_VIEWS = """
select distinct holder.nspname, view.relname, view.reloptions, pg_get_viewdef(view.oid)
from pg_catalog.pg_depend as uses
join pg_catalog.pg_rewrite as rule
  on rule.oid = uses.objid and uses.classid = 'pg_catalog.pg_rewrite'::regclass
join pg_catalog.pg_class as view on view.oid = rule.ev_class and view.relkind = 'v'
join pg_catalog.pg_namespace as holder on holder.oid = view.relnamespace
join pg_catalog.pg_class as used
  on used.oid = uses.refobjid and uses.refclassid = 'pg_catalog.pg_class'::regclass
join pg_catalog.pg_namespace as source on source.oid = used.relnamespace
where source.nspname = any(%s) and not holder.nspname = any(%s)
  and pg_has_role(view.relowner, 'usage')
order by 1, 2
"""


@dataclass(frozen=True)
class View:
    """A view of the published tables; `definition` names them in full."""

    schema: str
    name: str
    options: tuple[str, ...]
    definition: str

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)


def views_of(connection: psycopg.Connection, names: Names) -> list[View]:
    """Views in other schemas that this user may replace. Ask while they still fit the names."""
    both = list(names.both)
    rows = connection.execute(_VIEWS, [both, both]).fetchall()
    return [View(schema, name, tuple(options or ()), text) for schema, name, options, text in rows]


def take_along(
    connection: psycopg.Connection, views: list[View], say: Callable[[str], None]
) -> None:
    """Make views anew from the tables that bear the names now; rights and owner stay.

    A view that no longer fits stays as it is, of the version before, and is said.
    """
    for view in views:
        options = sql.SQL("with ({})").format(sql.SQL(", ").join(map(sql.SQL, view.options)))
        statement = sql.SQL("create or replace view {} {} as {}").format(
            view.identifier, options if view.options else sql.SQL(""), sql.SQL(view.definition)
        )
        try:
            with connection.transaction():
                connection.execute(statement)
        except Error as error:
            say(
                f"the view {view.schema}.{view.name} does not fit the new tables and still shows "
                f"the version before: {said(error)}. Make it anew."
            )
