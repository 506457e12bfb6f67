"""A first `tokui.toml`, guessed from a folder of exports: `look`, `guess`, `write`.

Guesses go by names of files, headers and a few words, never by what a person's value says, and no
value of a file is written or shown except the short words of columns that have a fixed list.
"""
