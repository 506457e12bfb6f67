"""Files of a published version for people and tools: tables as CSV, lists with addresses."""
