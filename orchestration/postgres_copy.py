"""The copy in Postgres follows the committed version, and never keeps a publication back.

It is brought up after the commit, at the next start if that was cut off or failed, and by
`tokui publish postgres`. A version of an older date never goes there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingestion.errors import ConfigurationError
from ingestion.settings import Settings
from orchestration.home import Home
from orchestration.progress import say

if TYPE_CHECKING:
    from serving.postgres.copying import Copied
    from serving.postgres.models import Model
    from serving.postgres.schemas import Publication


def follow(home: Home, settings: Settings, head: dict[str, Any] | None) -> tuple[str, ...]:
    """Bring the copy to the published version; what a person must see to, in words.

    Whatever fails here, the publication stands: it is said, and tried again at the next start.

    Args:
        head: the published manifest, None while nothing is published.
    """
    if not settings.publication.postgres.enabled or head is None:
        return ()
    try:
        copied = bring_up(home, settings, head)
    except Exception as error:
        # What an unforeseen error says may quote anything; its kind is enough to look for it.
        words = str(error) if _is_foreseen(error) else f"{type(error).__name__}."
        return (
            f"The copy in Postgres is not at this version: {words} Everything else is published. "
            "`tokui publish postgres` tries again, and so does the next run.",
        )
    if copied.is_new:
        say(f"  {sentence(head['version'], copied)}")
    return tuple(f"Postgres: {warning}" for warning in copied.warnings)


def bring_up(
    home: Home, settings: Settings, head: dict[str, Any], *, force: bool = False
) -> Copied:
    """Bring the copy to the published version; with `force` back to it, too.

    Raises:
        ConfigurationError: there is no address, or the extra is not installed.
        serving.postgres.errors.CopyError: the server or its readers do not let us.
    """
    from serving.postgres.connection import address

    where = address()  # First: without the extra, what follows cannot be imported.
    from serving.postgres.copying import bring_up as copy

    return copy(
        home.versions / head["version"] / home.served.name,
        publication_of(head),
        _models,
        settings.publication.postgres,
        where,
        say,
        force=force,
    )


def publication_of(head: dict[str, Any]) -> Publication:
    """What the copy of a published manifest says of itself."""
    from serving.postgres.schemas import Publication

    return Publication(head["profile"], head["version"], head["as_of"])


def sentence(version: str, copied: Copied) -> str:
    """What was done, for a person."""
    if not copied.is_new:
        return f"Postgres: nothing to do, version {version} is there"
    loaded = f"{copied.rows:,} rows" if copied.rows else "loaded before"
    return f"Postgres: version {version} is there, {loaded} ({copied.seconds:.1f} s)"


def _models() -> dict[str, Model]:
    from orchestration.project import read_manifest
    from serving.postgres.models import models_of

    return models_of(read_manifest())


def _is_foreseen(error: Exception) -> bool:
    if isinstance(error, ConfigurationError):
        return True
    from serving.postgres.errors import CopyError

    return isinstance(error, CopyError)
