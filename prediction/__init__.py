"""Predictions in NumPy and SciPy: small tables, worked out between the steps of dbt.

The models of schema `marts` score every customer by joining these tables; nothing here looks at
one customer after the other.
"""

import os

# Read when NumPy is first imported. The models need no linear algebra beyond four by four, and
# threads that wait for each other over it made a fit six to ten times slower on a busy machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
