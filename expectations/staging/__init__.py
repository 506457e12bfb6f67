"""Gate 2: the winning version of each row."""
