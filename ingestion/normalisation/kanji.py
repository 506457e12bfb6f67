"""Kanji as written, with the variants of a character folded into one."""

from __future__ import annotations

_VARIANTS = """
    高髙 崎﨑嵜 辺邉邊 斎齋齊斉 浜濱濵 沢澤 島嶋嶌 広廣 桜櫻 国國圀 吉𠮷 竜龍 滝瀧 瀬瀨 真眞
    恵惠 寿壽 栄榮 徳德 曽曾 条條 実實 円圓 万萬 与與 豊豐 蔵藏 関關 薮藪籔 静靜 顕顯 黒黑 亜亞
    礼禮 富冨 桑桒 館舘 荘莊 芦蘆 園薗 鴎鷗 郷鄕鄉 緑綠 渋澁澀 清淸 頼賴 弥彌 彦彥 拝拜 峰峯
    岳嶽 巌巖 戸戶 歩步 槙槇 横橫 桧檜 瑶瑤 穂穗 穣穰 並竝 糸絲 総總 聡聰 声聲 台臺 旧舊 遥遙
    鉄鐵 双雙 青靑 鶏鷄 塩鹽 麦麥 黄黃 亀龜 勲勳 巻卷 来來 伝傳 侠俠 内內 涼凉 剣劍劒劔 励勵
    区區 厳嚴 尭堯 増增 塁壘 壮壯 奥奧 姫姬 嬢孃 宝寶寳 専專 対對 巣巢 帯帶 恒恆 戦戰 教敎 叙敍
    昂昻 晋晉 暁曉 会會 柏栢 柳栁 梅楳 楽樂 橋槗 浄淨 淵渕渊 満滿 済濟 涛濤 湾灣 為爲 禅禪 禄祿
    稲稻 縁緣 縄繩 萌萠 薫薰 芸藝 処處 号號 虫蟲 蛍螢 衛衞 装裝 覚覺 観觀 証證 誉譽 譲讓 売賣
    転轉 隣鄰 医醫 銭錢 鎮鎭 霊靈 顔顏 駅驛 鴬鶯 歳歲 当當 点點 学學 将將 応應 土圡 船舩 松枩
    宮宫 梨棃 ケヶ カヵ
"""
"""One group of variants a word; the first character is the one that is kept."""

_SELECTORS = (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
"""Variation selectors: they choose a glyph of the character before them."""

FOLDS: dict[int, str] = dict.fromkeys(_SELECTORS, "") | {
    ord(variant): word[0] for word in _VARIANTS.split() for variant in word[1:]
}
"""Table for `str.translate`."""


def folded_kanji(text: str) -> str:
    """The text with variants of a kanji folded (髙 to 高) and 々 written out (佐々木 to 佐佐木)."""
    folded = text.translate(FOLDS)
    while (place := folded.find("々")) > 0:
        folded = f"{folded[:place]}{folded[place - 1]}{folded[place + 1 :]}"
    return folded
