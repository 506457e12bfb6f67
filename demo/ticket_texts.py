"""What people write to the help desk, what agents and the bot answer; sentences of the demo alone.

Every sentence has a number; a group of sentences is a span of numbers, by topic where it says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TYPES = ("inquiry", "complaint", "return", "praise")
INQUIRY, COMPLAINT, RETURN, PRAISE = range(4)


@dataclass(frozen=True)
class Topic:
    """A topic of tickets: its type, weight among all, the bot's intent, whether it is about a store
    or a purchase, and what is said."""

    name: str
    type: int
    weight: float
    intent: str
    of_store: bool
    of_purchase: bool
    openings: tuple[str, ...]
    replies: tuple[str, ...]
    bot: str

    @property
    def of_delivery(self) -> bool:
        return self.intent.startswith("delivery")


TOPICS = (
    Topic("在庫", INQUIRY, 12, "stock", True, False,
          ("はちみつの在庫はありますか。", "先週の特売のお米はまだ買えますか。"),
          ("お調べしました。店頭に十点ほどございます。", "あいにく次の入荷は金曜日の予定です。"),
          "在庫は商品ページでご確認いただけます。"),
    Topic("営業時間", INQUIRY, 9, "store_hours", True, False,
          ("年末の営業時間を教えてください。", "明日は何時まで開いていますか。"),
          ("はい、通常どおり営業しております。",),
          "営業時間は店舗ページに掲載しています。"),
    Topic("ポイント", INQUIRY, 13, "points", False, True,
          ("ポイントの有効期限を教えてください。", "先日の買い物のポイントが付いていません。"),
          ("最後のお買い物から一年間有効です。", "確認のうえ、ポイントを加算いたしました。"),
          "ポイントの残高と期限は会員ページで確認できます。"),
    Topic("配送", INQUIRY, 12, "delivery_status", False, True,
          ("注文した品はいつ届きますか。", "届け先の住所を変えたいです。"),
          ("明日の午前中にお届けの予定です。", "お届け先を変更いたしました。"),
          "お荷物の状況は注文履歴からご覧いただけます。"),
    Topic("会員証", INQUIRY, 8, "membership", False, False,
          ("会員証をなくしました。再発行できますか。", "アプリの会員証が表示されません。"),
          ("店頭で再発行いたします。ポイントは引き継がれます。",),
          "会員証の再発行は店頭で承ります。"),
    Topic("クーポン", INQUIRY, 7, "coupon", False, False,
          ("メールのクーポンが使えませんでした。", "クーポンは何回使えますか。"),
          ("お一人様一回限りご利用いただけます。",),
          "クーポンの使い方はこちらのページをご覧ください。"),
    Topic("領収書", INQUIRY, 5, "receipt", True, True,
          ("領収書を再発行してもらえますか。",),
          ("レシートをお持ちいただければ発行いたします。",),
          "領収書は注文履歴から印刷できます。"),
    Topic("不良品", COMPLAINT, 6, "defect", True, True,
          ("買ったばかりの牛乳の味がおかしいです。", "箱を開けたら割れていました。"),
          ("大変申し訳ございません。すぐに交換いたします。",),
          "ご不便をおかけしております。担当者が確認いたします。"),
    Topic("遅配", COMPLAINT, 5, "delivery_late", False, True,
          ("指定した時間に届きませんでした。", "三日たっても荷物が来ません。"),
          ("お待たせして申し訳ございません。運送会社に確認いたします。",),
          "お荷物の状況を確認しております。"),
    Topic("接客", COMPLAINT, 4, "staff", True, False,
          ("レジの方の対応がとても冷たかったです。",),
          ("ご不快な思いをさせてしまい、申し訳ございません。店長に伝えます。",),
          "貴重なご意見をありがとうございます。"),
    Topic("返品", RETURN, 9, "return_request", True, True,
          ("サイズを間違えたので返品したいです。", "未開封の品を返品できますか。"),
          ("レシートと一緒に店頭へお持ちください。",),
          "返品の手順はこちらのページをご覧ください。"),
    Topic("交換", RETURN, 4, "exchange_request", True, True,
          ("色違いに交換してもらえますか。",),
          ("在庫がございますので交換を承ります。",),
          "交換の手順はこちらのページをご覧ください。"),
    Topic("お礼", PRAISE, 4, "praise", True, False,
          ("レジの方がとても親切でした。ありがとうございます。", "お惣菜がおいしかったです。"),
          ("うれしいお言葉をありがとうございます。店舗に伝えます。",),
          "ありがとうございます。店舗に伝えます。"),
)  # fmt: skip

THANKS = ("ありがとうございました。", "わかりました。助かりました。")
FOLLOW_UPS = (
    "もう少し教えてください。",
    "その後どうなりましたか。",
    "レシートが見つかりました。",
)
CALLS = (
    "お電話で承りました。折り返しご連絡します。",
    "お電話でのお問い合わせ。確認して折り返します。",
)
VISITS = ("店頭でお申し出がありました。",)
HAND_OFFS = ("担当者におつなぎします。少々お待ちください。",)
CLOSINGS = ("その後いかがでしょうか。ご不明な点はまたご連絡ください。", "以上で対応を終わります。")
REOPENINGS = ("まだ解決していません。", "同じことがまた起きました。")
NOTES = ("店舗に確認中。", "前回の対応履歴を確認した。", "運送会社の回答待ち。")
MERGES = ("同じお問い合わせのため統合した。",)
HAND_OFF_INTENT = "handoff"


class Sentences:
    """All sentences, numbered, and how to pick one of a group."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self.opening = self._by_topic([topic.openings for topic in TOPICS])
        self.reply = self._by_topic([topic.replies for topic in TOPICS])
        self.bot = self._by_topic([(topic.bot,) for topic in TOPICS])
        self.thanks, self.follow_up = self._group(THANKS), self._group(FOLLOW_UPS)
        self.call, self.visit = self._group(CALLS), self._group(VISITS)
        self.hand_off = self._group(HAND_OFFS)
        self.closing, self.reopening = self._group(CLOSINGS), self._group(REOPENINGS)
        self.note, self.merge = self._group(NOTES), self._group(MERGES)

    def _by_topic(self, groups: list[tuple[str, ...]]) -> NDArray[np.int64]:
        return np.concatenate([self._group(group) for group in groups])

    def _group(self, sentences: tuple[str, ...]) -> NDArray[np.int64]:
        """First number and size of a group that is added: an array of one row."""
        first = len(self.all)
        self.all.extend(sentences)
        return np.array([[first, len(sentences)]])

    @staticmethod
    def pick(
        groups: NDArray[np.int64], topic: NDArray[np.int8], chance: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """A sentence for each topic; a group that is not by topic serves them all."""
        row = topic if len(groups) > 1 else np.zeros(len(topic), dtype=np.int64)
        return groups[row, 0] + np.floor(chance * groups[row, 1]).astype(np.int64)


SENTENCES = Sentences()
