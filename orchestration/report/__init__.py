"""The report of a run: facts first, then the same facts as a page and in a terminal.

A section is a module that gathers its facts into dataclasses, a function that says them in lines of
text, and a template of its name; `page.SECTIONS` lists them in order. Whoever adds a section
touches nothing else. Facts come from the journal, the manifests and the published files alone: the
same files give the same page.
"""
