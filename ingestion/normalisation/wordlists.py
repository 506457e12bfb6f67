"""What stands in a field without naming a person: addresses of desks, and what is typed instead.

A word more makes people less alike, a word less makes strangers alike: add what a retailer's data
shows on many records.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ROLE_ADDRESSES = _words(
    """
    abuse account accounts admin administrator all billing career contact cs customer
    customerservice do-not-reply donotreply eigyo enquiry everyone feedback help helpdesk honsha
    honten hostmaster hr info information inquiry jinji jobs keiri mail mailer-daemon mailmagazine
    marketing newsletter no-reply no.reply no_reply noc noreply office order orders otoiawase
    payment postmaster pr press question reception recruit reply root saiyo sales security service
    services shop soumu staff store support team toiawase uketsuke web webmaster
    """
)
"""Local parts of e-mail addresses that a desk reads, not a person."""

DUMMY_ADDRESSES = _words(
    """
    abc abcd dame dummy fumei fuyou hoge hogehoge mukou mushi n/a na nai nashi nasi no no-email
    no-mail noemail nomail noname none null sample tesuto test tester unknown
    """
)
"""Local parts that are typed where no address was given."""

DUMMY_DOMAINS = _words(
    """
    aaa.com abc.com dummy.com dummy.jp hoge.com hoge.jp nashi.com nashi.jp noemail.com nomail.com
    nomail.jp none.com none.jp sample.com sample.jp test.co.jp test.com test.jp xxx.com
    """
)

RESERVED_TLDS = _words("example internal invalid local localhost test")
"""Top-level domains without mailboxes (RFC 2606, RFC 6761)."""

NAME_PLACEHOLDERS = _words(
    """
    お客 お客様 ゲスト テスト なし ナシ てすと 不明 会員 匿名 匿名希望 名前 名無し 未入力 未登録
    氏名 無し 非会員
    anonymous customer dummy guest member name no noname none null test tester unknown user
    """
)
"""What is typed where no name was given."""
