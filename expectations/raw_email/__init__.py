"""Gate 1: the mail tool's tables as they arrived."""
