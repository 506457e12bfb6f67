"""Files in, text columns out: every file becomes rows of a scratch table with file and line.

CSV is read by DuckDB in strict mode. Where that refuses a file, or where the count of lines shows
that lines and rows differ (quoted line breaks, blank lines), Python's own reader takes that one
file with care: it knows each row's line and which rows are broken. The header is read and compared
with the contract before any row is.
"""

from ingestion.reading.parts import BrokenRow, Layout, Part
from ingestion.reading.reader import Reader

__all__ = ["BrokenRow", "Layout", "Part", "Reader"]
