"""E-mail addresses, phone numbers and LINE ids: spellings of one are one, those of nobody none."""

from __future__ import annotations

import contextlib

import phonenumbers
import pytest

from ingestion.normalisation.emails import normalised_email
from ingestion.normalisation.line_ids import normalised_line_id
from ingestion.normalisation.phones import normalised_phone


@pytest.mark.parametrize(
    "written",
    [
        "taro.yamada@shop-mail.ne.jp",
        "  Taro.Yamada@Shop-Mail.NE.JP\n",
        "ｔａｒｏ．ｙａｍａｄａ＠ｓｈｏｐ－ｍａｉｌ．ｎｅ．ｊｐ",
        "taro.yamada@shop-mail.ne.jp\u3000",
    ],
)
def test_spellings_of_an_address_are_one(written: str) -> None:
    assert normalised_email(written) == "taro.yamada@shop-mail.ne.jp"


@pytest.mark.parametrize(
    "address",
    [
        "taro..yamada.@docomo.ne.jp",  # such addresses were given out
        "taro+shop@gmail.com",
        "information-taro@nifty.com",
        "nonaka@nashi-farm.jp",
    ],
)
def test_addresses_of_persons_stay_as_they_are(address: str) -> None:
    assert normalised_email(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "info@yamada-shoten.co.jp",
        "INFO@Yamada-Shoten.co.jp",
        "info+web@yamada-shoten.co.jp",
        "noreply@bank.co.jp",
        "no-reply@bank.co.jp",
        "support@vendor.com",
        "taro@example.com",
        "taro@example.co.jp",
        "taro@mail.example.jp",
        "taro@somewhere.test",
        "test@gmail.com",
        "a@a",
        "a@a.com",
        "aaa@yamada.jp",
        "nashi@nashi.jp",
        "none@gmail.com",
        "xxx@xxx.com",
    ],
)
def test_roles_and_made_up_addresses_are_none(address: str) -> None:
    assert normalised_email(address) is None


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "なし", "taro", "taro@", "@yamada.jp", "taro@yamada", "taro@@yamada.jp",
        "taro@yamada..jp", "taro@yamada.jp,hana@yamada.jp", "taro yamada@yamada.jp",
        "taro@yamada.1", "太郎@yamada.jp", "taro@yama_da.jp", "taro\x00@yamada.jp",
        "t" * 250 + "@yamada.jp",
    ],
)  # fmt: skip
def test_what_is_no_address_is_none(text: str) -> None:
    assert normalised_email(text) is None


@pytest.mark.parametrize(
    "written",
    [
        "090-9876-1234",
        "09098761234",
        "０９０－９８７６－１２３４",
        "０９０（９８７６）１２３４",
        "090ー9876ー1234",
        "090.9876.1234",
        "+81 90 9876 1234",
        "+81(0)90-9876-1234",
        "＋８１９０９８７６１２３４",
        "81-90-9876-1234",
        "9098761234",  # a spreadsheet took the zero
        "TEL:090-9876-1234",
        "090-9876-1234 内線12",
        " 090 9876\u30001234 ",
    ],
)
def test_spellings_of_a_number_are_one(written: str) -> None:
    assert normalised_phone(written) == "+819098761234"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("03-3581-2345", "+81335812345"),
        ("335812345", "+81335812345"),
        ("0123-45-6111", "+81123456111"),  # Chitose's area code is no counting
        ("050-3456-9876", "+815034569876"),
        ("070-2345-9999", "+817023459999"),
        ("+1 650-253-0000", "+16502530000"),
        ("010-44-20-7946-0958", "+442079460958"),
    ],
)
def test_numbers_of_every_kind_of_line_and_country(written: str, number: str) -> None:
    assert normalised_phone(written) == number


@pytest.mark.parametrize(
    "written",
    [
        "000-0000-0000",
        "090-0000-0000",
        "03-1111-1111",
        "090-1234-5678",
        "0312345678",
        "045-123-4567",
        "090-8765-4321",
        "+81 90 1111 1111",
        "99999999999",
    ],
)
def test_seven_equal_or_counted_digits_are_made_up(written: str) -> None:
    assert normalised_phone(written) is None


def test_six_equal_digits_are_a_number() -> None:
    assert normalised_phone("03-3111-1112") == "+81331111112"


@pytest.mark.parametrize("written", ["0120-828-828", "0570-064-110", "0800-123-4777"])
def test_numbers_of_companies_tell_no_person(written: str) -> None:
    assert phonenumbers.is_valid_number(phonenumbers.parse(written, "JP"))
    assert normalised_phone(written) is None


@pytest.mark.parametrize(
    "text",
    [
        "", "-", "なし", "+", "110", "3581-2345", "090-9876-123", "090-9876-12345",
        "090-9876-1234/03-3581-2345", "9" * 5000, "²³",
    ],
)  # fmt: skip
def test_what_is_no_number_is_none(text: str) -> None:
    assert normalised_phone(text) is None


def test_the_short_way_agrees_with_the_library() -> None:
    """Plain Japanese digits are not parsed; in every area they must come out as if they were."""
    types = phonenumbers.PhoneNumberType
    personal = (types.FIXED_LINE, types.MOBILE, types.VOIP, types.PERSONAL_NUMBER)
    lines = 0
    for prefix in range(200, 10_000, 7):
        written = f"0{prefix}{(prefix * 48_271 + 11) % 1_000_000:06d}"
        expected = None
        with contextlib.suppress(phonenumbers.NumberParseException):
            parsed = phonenumbers.parse(written, "JP")
            if phonenumbers.number_type(parsed) in personal:
                expected = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        assert normalised_phone(written) == expected, written
        lines += expected is not None
    assert lines > 100


def test_line_ids() -> None:
    assert normalised_line_id(" U4AF4980629 ") == normalised_line_id("u4af4980629")
    assert [normalised_line_id(text) for text in ("", None, "なし", "none", "-")] == [None] * 5
