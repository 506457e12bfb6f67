"""The few rules of style that Streamlit has no setting for."""

from __future__ import annotations

import streamlit as st

_CSS = """
.tk-table { overflow-x: auto; }
.tk-long { max-height: 34rem; overflow-y: auto; }
.tk-table table { border-collapse: collapse; width: 100%; font-size: .875rem;
  font-variant-numeric: tabular-nums; }
.tk-table caption { text-align: left; padding: 0 0 .35rem; font-weight: 600; }
.tk-table th, .tk-table td { padding: .35rem .6rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent); }
.tk-table thead th { font-weight: 600; vertical-align: bottom; }
.tk-table tbody th { font-weight: 400; }
.tk-table .tk-number { text-align: right; }
.tk-table tbody .tk-number, .tk-table .tk-whole { white-space: nowrap; }
.tk-table td:not([class]), .tk-table tbody th:not([class]) { min-width: 9rem; }
.tk-table .tk-prose { min-width: 24rem; max-width: none; }
.tk-heat th, .tk-heat td, .tk-heat td:not([class]) { min-width: 0; padding: .35rem .4rem; }
.tk-table thead th { max-width: 9rem; white-space: normal; }
.tk-table a { color: inherit; }
.tk-facts { display: grid; gap: 0 2rem; font-size: .875rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); }
.tk-facts div { display: flex; justify-content: space-between; gap: 1rem; padding: .35rem 0;
  border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent); }
.tk-facts dt { font-weight: 400; }
.tk-facts dd { margin: 0; text-align: right; font-weight: 600; overflow-wrap: anywhere; }
.tk-facts, .tk-tiles { margin: 0 !important; padding: 0 !important; }
.tk-tiles { display: grid; gap: .75rem;
  grid-template-columns: repeat(auto-fill, minmax(8.2rem, 1fr)); }
.tk-tiles div { border: 1px solid color-mix(in srgb, currentColor 22%, transparent);
  border-radius: .5rem; padding: .6rem .8rem; }
.tk-tiles dt { font-size: .8125rem; }
.tk-tiles dd { margin: 0; font-size: 1.35rem; font-weight: 600; line-height: 1.3;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.tk-tiles .tk-small { font-size: 1rem; line-height: 1.755rem; }
.tk-tiles dd small { display: block; font-size: .75rem; font-weight: 400; }
.stMainBlockContainer { padding-top: 3.5rem; }
@media (min-width: 641px) { .stMainBlockContainer { padding-left: 2.5rem; padding-right: 2.5rem; } }
[data-testid="stCaptionContainer"] { color: inherit !important; opacity: 1 !important; }
[data-testid="stCaptionContainer"] p { color: inherit; opacity: .82; }
@media (max-width: 640px) { .tk-tiles { grid-template-columns: repeat(2, 1fr); }
  .tk-tiles dd { font-size: 1.15rem; } .tk-tiles .tk-small { font-size: 1rem; } }
"""


def apply() -> None:
    """Put the rules on the page."""
    st.html(f"<style>{_CSS}</style>")
