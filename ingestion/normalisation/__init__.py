"""The form of a personal value under which two spellings of one thing are equal.

What belongs here: one module a kind of value (e-mail, phone, kanji, kana, Latin letters, address),
each a function from text to the normalised text or None where it tells nobody apart, and
`ingestion.normalisation.keys`, which makes the identity keys of a table from them. What does not:
which keys join two people.

The functions never raise: a value that cannot be read is no key, and no value gets into a message.
Whoever changes what one of them returns raises `ledger.SCHEMA_VERSION`: keys that are stored are
not made again, and old and new ones would not meet.
"""
