"""What `streamlit run` runs for each page: see `dashboard.frame`."""

from dashboard.frame import main

main()
