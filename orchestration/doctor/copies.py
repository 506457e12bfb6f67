"""Checks of the copies that go elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from ingestion.errors import ConfigurationError
from orchestration.doctor.finding import Finding, Subject, fail, ok, warn
from orchestration.postgres_copy import publication_of
from orchestration.publication import read_manifest


def check_postgres(subject: Subject) -> Iterator[Finding]:
    """The copy in Postgres can be reached and is the published version."""
    settings = subject.settings.publication.postgres
    if not settings.enabled:
        yield ok("no copy is asked for")
        return
    from serving.postgres.connection import address, connect
    from serving.postgres.errors import CopyError

    try:
        where = address()
        from serving.postgres.copying import version_there
        from serving.postgres.schemas import Names

        with connect(where, lambda _: None) as connection:
            there = version_there(connection, Names.of(settings))
    except ConfigurationError as error:
        yield fail(str(error), "Until then the copy stays as it is.")
        return
    except CopyError as error:
        yield warn(str(error), "Start it, or mend TOKUI_POSTGRES_URL; the next run tries again.")
        return
    head = read_manifest(subject.home)
    if head is None:
        yield ok("nothing is published yet")
    elif there == publication_of(head):
        yield ok(f"version {there.version}, as of {there.as_of}")
    else:
        held = f"version {there.version}" if there else "nothing of ours"
        yield warn(
            f"it holds {held}, and {head['version']} is published", "Run `tokui publish postgres`."
        )
