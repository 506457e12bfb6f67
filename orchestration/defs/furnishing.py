"""What a person meets on every asset: description, owner, group, tags, columns, page, source.

The modules of assets say what is special of theirs; what follows from the key alone is added here
to all of them, in one way.
"""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import dagster as dg

from ingestion.errors import ConfigurationError
from ingestion.settings import Owners
from orchestration import home as homes
from orchestration.columns import Personal, TableFacts
from orchestration.defs.layers import area_of, feed_of, layer_of, owner_of, page_of
from orchestration.defs.tables import table_metadata
from orchestration.defs.transformation import MANIFEST
from orchestration.project import PROJECT_DIR

_FILES = {
    f"{node['schema']}/{node['name']}": node["original_file_path"]
    for node in MANIFEST["nodes"].values()
    if node["resource_type"] in ("model", "seed")
}
"""The file of each table of dbt, from the project's folder, by asset."""
_DECLARED_IN = {
    "ledger": "ingestion/ledger.py",
    "plans": "plans/tables.py",
    "identity": "identity/ledger.py",
    "baskets": "baskets/state.py",
    "prediction": "prediction/tables.py",
    "prediction/identity_edges": "identity/ledger.py",
    "published": "orchestration/publication.py",
}
"""By schema, or by asset where one is unlike the others."""


def furnish(
    assets: Sequence[dg.AssetsDefinition], columns: Mapping[str, TableFacts]
) -> list[dg.AssetsDefinition]:
    """The same assets with everything that the UI shows of them.

    Args:
        columns: facts of tables by schema and name; a table without any shows no columns.
    """
    owners = _owners()
    return [
        asset.map_asset_specs(lambda spec: _furnished(spec, columns, owners)) for asset in assets
    ]


def _owners() -> Owners:
    """The code location must load before a retailer has written any settings."""
    try:
        return homes.load()[1].owners
    except ConfigurationError:
        return Owners()


def _furnished(
    spec: dg.AssetSpec, columns: Mapping[str, TableFacts], owners: Owners
) -> dg.AssetSpec:
    schema, table = spec.key.path
    name, folder = f"{schema}.{table}", _folder(f"{schema}/{table}")
    facts = columns.get(name, TableFacts(()))
    text = (spec.description or "").strip()
    return spec.replace_attributes(
        description=f"{text}\n\n{layer_of(schema, table).text}",
        group_name="_".join(filter(None, (schema, area_of(schema, table, folder)))),
    ).merge_attributes(
        owners=[owner_of(schema, table, owners)],
        tags=_tags(schema, table, folder, facts),
        metadata={
            **({"grain": _first_sentence(text)} if facts.columns else {}),
            "explained in": dg.MetadataValue.path(page_of(schema, table, folder)),
            **(table_metadata(name, facts) if facts.columns else {}),
            "defined in": dg.MetadataValue.path(_file(schema, table)),
        },
    )


def _first_sentence(text: str) -> str:
    """A description begins with what one row is."""
    return " ".join(text.split()).partition(". ")[0].rstrip(".")


def _tags(schema: str, table: str, folder: str, facts: TableFacts) -> dict[str, str]:
    """What assets can be chosen by: `tag:layer=marts`, `tag:personal_data=plain`."""
    known = Personal.PLAIN if schema == "pii" else facts.personal
    tags = {
        "layer": layer_of(schema, table).name,
        "feed": feed_of(schema, table),
        "area": area_of(schema, table, folder),
        "personal_data": known if facts.columns or schema == "pii" else "",
        "grain": _grain(facts),
    }
    return {name: str(value) for name, value in tags.items() if value}


def _grain(facts: TableFacts) -> str:
    """Columns of the key with a dot between; a tag holds 63 characters."""
    columns = list(facts.key or facts.version_key)
    while len(".".join(columns)) > 63:
        columns.pop()
    return ".".join(columns)


def _folder(asset: str) -> str:
    """The folder below its layer that a model stands in."""
    parts = PurePosixPath(_FILES.get(asset, "")).parts
    return parts[2] if len(parts) > 3 else ""


def _file(schema: str, table: str) -> str:
    """The file that makes or declares a table, from the root of the repository."""
    if f"{schema}/{table}" in _FILES:
        return f"{PROJECT_DIR.name}/{_FILES[f'{schema}/{table}']}"
    if schema == "pii" or schema.startswith("raw_"):
        return f"ingestion/contract/{feed_of(schema, table)}.py"
    return _DECLARED_IN.get(f"{schema}/{table}", _DECLARED_IN[schema])
