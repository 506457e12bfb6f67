"""Gate 3: what is published."""
