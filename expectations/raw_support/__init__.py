"""Gate 1: the help desk's tables as they arrived."""
