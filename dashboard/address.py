"""What was chosen stands in the page's address, in codes, so that it can be passed on.

Streamlit's own binding writes what an option is called, which is another text in each language.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st


def asked_for(key: str, options: Sequence[str], otherwise: str) -> str:
    """The option that the address names, else the one for addresses that name none."""
    named = st.query_params.get(key, otherwise)
    return named if named in options else otherwise


def keep(key: str, chosen: str, otherwise: str) -> str:
    """Write what was chosen into the address, unless an address without it means the same."""
    if chosen != otherwise:
        if st.query_params.get(key) != chosen:
            st.query_params[key] = chosen
    elif key in st.query_params:
        del st.query_params[key]
    return chosen
