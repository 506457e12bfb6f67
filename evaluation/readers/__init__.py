"""Readers of the file and of Postgres across publications: do they ever see two versions."""
