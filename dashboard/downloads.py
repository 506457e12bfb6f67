"""Downloads: CSV as Excel reads it, made when the button is pressed."""

from __future__ import annotations

import io
import re
from functools import partial

import streamlit as st

from dashboard.data import Version
from dashboard.view import View
from ingestion.engine import literal
from serving.exports.csv_text import CsvFormat, write_csv


def download(view: View, text: str, file_name: str, query: str, **values: str) -> None:
    """A button that gives all rows of a query as CSV; the as-of date ends the file's name."""
    st.download_button(
        view.words(text),
        partial(csv_of, view.version, query, values),
        file_name=f"{file_name}_{view.version.as_of:%Y-%m-%d}.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )


def csv_of(version: Version, query: str, values: dict[str, str]) -> bytes:
    """The rows of a query as `tokui export` writes them: UTF-8 with a byte order mark."""
    # In one pass: a value may hold what looks like a name.
    query = re.sub(r"\$([a-z_]+)", lambda found: literal(values[found[1]]), query)
    out = io.BytesIO()
    with version.cursor() as cursor:
        write_csv(cursor, query, out, CsvFormat())
    return out.getvalue()
