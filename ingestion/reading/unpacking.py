"""The bytes of a file, unpacked: archives that are cut off, damaged or bombs are refused."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from ingestion.discovery import FoundFile
from ingestion.errors import FileProblemError
from ingestion.reading.desk import Desk
from ingestion.reading.kinds import refuse_other_archive
from ingestion.reading.parts import Lines
from ingestion.settings import Limits

CHUNK = 1 << 20


def plain_bytes(desk: Desk, file: FoundFile) -> Path:
    """The file unpacked; the file itself where it is not packed."""
    if file.compression is None:
        return desk.addressable(file)
    target = desk.target(file)
    with target.open("wb") as out:
        out.writelines(chunks(file, desk.limits))
    return target


def chunks(file: FoundFile, limits: Limits) -> Iterator[bytes]:
    """The unpacked bytes of a file.

    Raises:
        FileProblemError: the archive ends too early, is damaged, or grows without measure.
    """
    import zstandard

    assert file.local is not None
    unpacked, packed = 0, file.local.stat().st_size
    if file.compression:
        with file.local.open("rb") as stream:
            refuse_other_archive(file.name, file.compression, stream.read(4))
    try:
        for chunk in _unpack(file.local, file.compression):
            unpacked += len(chunk)
            if file.compression:
                refuse_bomb(file, packed, unpacked, limits)
            yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError) as error:
        raise FileProblemError(
            file.name, "the compressed file ends too early or is damaged. Copy it again."
        ) from error


def refuse_bomb(file: FoundFile, packed: int, unpacked: int, limits: Limits) -> None:
    """Refuse what grows beyond both limits; real exports shrink to a tenth or a fiftieth.

    Raises:
        FileProblemError: it does.
    """
    most = max(limits.max_unpacked_mib << 20, limits.max_unpacked_ratio * packed)
    if unpacked > most:
        raise FileProblemError(
            file.name,
            f"it unpacks to more than {most >> 20} MiB, {limits.max_unpacked_ratio} times its size "
            "or more: that is no export. Export it again, or deliver it unpacked; if it is right, "
            "raise max_unpacked_mib or max_unpacked_ratio under [limits] in tokui.toml.",
        )


def _unpack(path: Path, compression: str | None) -> Iterator[bytes]:
    if compression == ".zst":
        yield from _unpack_zst(path)
        return
    with gzip.open(path, "rb") if compression == ".gz" else path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _unpack_zst(path: Path) -> Iterator[bytes]:
    """All frames of the file. The library's own reader stops after one, and at a cut, silently.

    A piece of 1 KiB unpacks to some MiB at most: it is looked at before the next one is taken.
    """
    import zstandard

    frame = None
    with path.open("rb") as stream:
        while packed := stream.read(CHUNK >> 10):
            while packed:
                frame = frame or zstandard.ZstdDecompressor().decompressobj()
                if chunk := frame.decompress(packed):
                    yield chunk
                packed = frame.unused_data if frame.eof else b""
                frame = None if frame.eof else frame
    if frame is not None:
        raise EOFError


def look_over(path: Path) -> Lines:
    """Lines of a text file; a last line without a line end counts."""
    count, last, has_nul = 0, b"\n", False
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            count += chunk.count(b"\n")
            has_nul = has_nul or b"\0" in chunk
            last = chunk[-1:]
    return Lines(count + (last != b"\n"), has_nul)
