"""Names in kanji, kana and Latin letters: one person's writings meet, other people's do not."""

from __future__ import annotations

import inspect

import pytest

from ingestion.contract.identity import NAME_KEYS
from ingestion.normalisation.names import Names, NameValues
from ingestion.normalisation.romaji import folded_romaji, romaji_of

COLUMNS = NAME_KEYS.sources


def values(**given: str) -> NameValues:
    return Names().values(*(given.get(column) for column in COLUMNS))


def known(**given: str) -> dict[str, str]:
    return {key: text for key, text in values(**given)._asdict().items() if text}


def test_the_contract_and_the_values_have_one_order() -> None:
    assert [f"{field}_key" for field in NameValues._fields] == list(NAME_KEYS.keys)
    assert tuple(inspect.signature(Names().values).parameters) == COLUMNS


@pytest.mark.parametrize(
    "family",
    [
        "髙橋 高橋", "山﨑 山崎", "渡邉 渡邊 渡辺", "齋藤 斎藤 齊藤 斉藤", "濱田 浜田", "澤田 沢田",
        "嶋田 島田", "廣瀬 広瀬", "櫻井 桜井", "國分 国分", "佐々木 佐佐木", "𠮷田 吉田",
    ],
)  # fmt: skip
def test_variants_of_a_kanji_are_one(family: str) -> None:
    writings = family.split()
    assert len({values(family_name=one, given_name="花子") for one in writings}) == 1
    assert len({values(name=f"{one}花子").full_name for one in writings}) == 1


def test_a_variation_selector_is_no_other_character() -> None:
    assert values(name="渡邉\U000e0101 恵") == values(name="渡辺 惠")


@pytest.mark.parametrize(
    ("one", "other"), [("佐藤", "左藤"), ("伊藤", "伊東"), ("岡", "丘"), ("杉山", "椙山")]
)
def test_other_kanji_are_other_names(one: str, other: str) -> None:
    assert (
        values(name=f"{one} 花子").family_name
        != values(name=f"{other} 花子").family_name
        is not None
    )


def test_split_or_whole_a_name_is_the_same() -> None:
    parts = {"full_name": "高橋花子", "family_name": "高橋", "given_name": "花子"}
    assert known(family_name="髙橋", given_name="花子") == parts
    assert known(name="髙橋 花子") == known(name="髙橋\u3000花子様") == parts
    assert known(name="高橋 花子（旧姓 鈴木）") == parts
    assert known(name="髙橋花子") == {"full_name": "高橋花子"}


def test_a_part_alone_is_no_full_name() -> None:
    assert known(family_name="高橋") == {"family_name": "高橋"}
    assert known(given_name="花子") == {"given_name": "花子"}
    for lonely in ("高橋", "タカハシ", "Takahashi", "T. Takahashi"):
        assert known(name=lonely) == {}


@pytest.mark.parametrize(
    "kana",
    [
        "タカハシ キョウコ", "ﾀｶﾊｼ ｷｮｳｺ", "たかはし　きょうこ", "ﾀｶﾊｼ ｷﾖｳｺ",
        "タカハシ キョーコ", "タカハシ キョ−コ",
    ],
)  # fmt: skip
def test_kana_are_one_however_they_are_written(kana: str) -> None:
    found = values(name_kana=kana)
    assert (found.full_kana, found.given_kana) == ("タカハシキヨウコ", "キヨウコ")


@pytest.mark.parametrize(
    ("one", "other"),
    [("オオノ", "オーノ"), ("ミヅホ", "ミズホ"), ("カヲル", "カオル"), ("コウタ", "コータ"),
     ("ケイコ", "ケーコ"), ("ヴァネサ", "バネサ")],
)  # fmt: skip
def test_kana_of_one_sound_are_one(one: str, other: str) -> None:
    assert (
        values(family_kana="キ", given_kana=one).full_kana
        == values(family_kana="キ", given_kana=other).full_kana
    )


def test_kana_split_or_whole() -> None:
    split = values(family_kana="ﾀｶﾊｼ", given_kana="はなこ")
    assert split == values(name_kana="タカハシ ハナコ") == values(name="たかはし はなこ")
    assert split._asdict() == {
        "full_name": None,
        "family_name": None,
        "given_name": None,
        "full_kana": "タカハシハナコ",
        "given_kana": "ハナコ",
        "full_romaji": "hanako takahasi",
        "given_romaji": "hanako",
    }
    assert known(name_kana="タカハシハナコ") == {"full_kana": "タカハシハナコ"}


@pytest.mark.parametrize(
    ("kana", "written"),
    [
        ("サトウ", "Sato Satou Satoh Satō Satô SATO ｓａｔｏ"),
        ("オオノ", "Ono Ohno Oono Ōno"),
        ("オオヤマ", "Oyama Ohyama Ooyama"),
        ("オオヒラ", "Ohira Oohira Ohhira"),
        ("ジュンイチ", "Junichi Jun'ichi Jun-ichi Zyuniti Jyunichi Zyun'iti"),
        ("ツジ", "Tsuji Tuzi"),
        ("チヨコ", "Chiyoko Tiyoko"),
        ("フジタ", "Fujita Huzita"),
        ("シュンスケ", "Shunsuke Syunsuke"),
        ("リュウヘイ", "Ryuhei Ryuuhei Ryūhei"),
        ("ユウキ", "Yuki Yuuki Yuhki Yūki"),
        ("ナンバ", "Namba Nanba"),
        ("ホンマ", "Homma Honma"),
        ("ハットリ", "Hattori"),
        ("ホッチ", "Hotchi Hocchi Hotti"),
        ("イノウエ", "Inoue"),
        ("ケイイチ", "Keiichi Keiiti"),
        ("エリカ", "Erika Erica"),
        ("ティナ", "Tina"),
        ("ジェニ", "Jeni"),
    ],
)
def test_spellings_in_latin_letters_meet_the_kana(kana: str, written: str) -> None:
    spellings = {folded_romaji(word) for word in written.split() if word.isascii()}
    spellings |= {values(name_romaji=f"Xaa, {word}").given_romaji for word in written.split()}
    assert spellings == {romaji_of(kana)}


@pytest.mark.parametrize(
    ("one", "other"),
    [("Hattori", "Hatori"), ("Iijima", "Ijima"), ("Tomohide", "Tomoide"), ("Keiko", "Keko"),
     ("Chiyoko", "Choko"), ("Ryota", "Riota"), ("Kazuo", "Kazo")],
)  # fmt: skip
def test_other_sounds_are_other_names(one: str, other: str) -> None:
    assert folded_romaji(one) != folded_romaji(other)


def test_both_orders_of_latin_letters_are_one() -> None:
    full = {
        values(name_romaji=text).full_romaji
        for text in ("Hanako Takahashi", "TAKAHASHI HANAKO", "Takahasi, Hanako", "hanako TAKAHASHI")
    }
    assert full == {"hanako takahasi"} == {values(name_kana="タカハシ ハナコ").full_romaji}


def test_the_given_name_counts_where_it_is_told_apart() -> None:
    for text in ("Hanako TAKAHASHI", "TAKAHASHI Hanako", "Takahashi, Hanako"):
        assert values(name=text).given_romaji == "hanako"
    for text in ("Hanako Takahashi", "Takahashi Hanako", "HANAKO TAKAHASHI"):
        assert values(name=text).given_romaji is None
    assert values(family_name="Takahashi", given_name="Hanako").given_romaji == "hanako"


def test_a_name_counts_by_its_script() -> None:
    assert known(name="山田 さくら").keys() == {"full_name", "family_name", "given_name"}
    assert known(name="ヤマダ サクラ") == known(name_kana="ヤマダ サクラ")
    assert known(name="Sakura Yamada") == known(name_romaji="Sakura Yamada")
    assert known(name_kana="山田 桜") == known(name="山田 桜")
    assert known(family_name="やまだ", given_name="さくら") == known(name_kana="ヤマダ サクラ")


def test_kana_are_never_made_of_kanji() -> None:
    assert {"full_kana", "given_kana", "full_romaji"}.isdisjoint(known(name="高橋 花子"))


def test_the_kana_decide_over_latin_letters_and_columns_over_the_whole() -> None:
    found = values(family_kana="サトウ", given_kana="ジョウジ", name_romaji="George Satoh")
    assert (found.full_romaji, found.given_romaji) == ("sato zyozi", "zyozi")
    found = values(family_name="佐藤", given_name="譲二", name="伊藤 花子")
    assert found.full_name == "佐藤譲二"
    found = values(family_name="佐藤", name="佐藤 譲二")
    assert (found.full_name, found.given_name) == ("佐藤譲二", "譲二")


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", "()", "☆☆☆☆☆", "12345", "山田花子3", "テスト テスト", "test test", "お客様"],
)  # fmt: skip
def test_placeholders_are_no_names(text: str) -> None:
    assert known(name=text) == {}
    assert known(family_name=text, given_name=text) == {}
