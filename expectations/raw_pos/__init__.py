"""Gate 1: the register's tables as they arrived."""
