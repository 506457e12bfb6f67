"""What the documentation promises, tried: commands, queries, settings, links, both languages."""
