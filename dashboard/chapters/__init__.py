"""The pages, a module each: `show` draws one from a `View`."""
