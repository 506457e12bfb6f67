"""The identity keys that tables of persons declare: what each key is made from and what it means.

What belongs here: names, source columns and meanings. What does not: how a value is normalised
(`ingestion.normalisation`), and which keys join two people (the identity models).
"""

from ingestion.contract.model import KeyGroup

EMAIL_KEYS = KeyGroup(
    "email",
    ("email",),
    {
        "email_key": "The e-mail address in lower case; none for addresses of a role (info@, "
        "support@) and made-up ones.",
    },
)

PHONE_KEYS = KeyGroup(
    "phone",
    ("phone",),
    {
        "phone_key": "The phone number in its international form; none for invalid and made-up "
        "numbers and those of companies (0120, 0570).",
    },
)

LINE_KEYS = KeyGroup("line", ("line_user_id",), {"line_key": "The LINE user id."})

NAME_KEYS = KeyGroup(
    "name",
    (
        "family_name",
        "given_name",
        "family_kana",
        "given_kana",
        "name_kana",
        "name_romaji",
        "name",
    ),
    {
        "full_name_key": "The whole name as written in kanji, without spaces, variants of a kanji "
        "folded (髙 = 高).",
        "family_name_key": "The family name in kanji, where the name comes split or with a space.",
        "given_name_key": "The given name in kanji, where the name comes split or with a space.",
        "full_kana_key": "The whole name in katakana, without spaces, small kana and long vowels "
        "folded.",
        "given_kana_key": "The given name in katakana, where the name comes split or with a space.",
        "full_romaji_key": "The whole name in Latin letters, spellings folded, in either order; "
        "from the kana where they come split or with a space.",
        "given_romaji_key": "The given name in Latin letters, spellings folded; from the kana, or "
        "from Latin letters that show which part is the family name.",
    },
)

ADDRESS_KEYS = KeyGroup(
    "address",
    ("prefecture", "city", "address"),
    {
        "address_key": "Prefecture, city and address as far as the block number, building and room "
        "left out; none without a number.",
    },
)
