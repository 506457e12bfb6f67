"""The script that Streamlit runs, alone in its folder, which Streamlit puts first on the path."""
