"""Numbers that a message can be sent to."""

from __future__ import annotations

from ingestion.normalisation.phones import normalised_phone

_JAPAN = "+81"


def mobile_number(value: str | None) -> str | None:
    """A mobile number as a sending tool takes it, or None: a fixed line, made up, unreadable.

    A Japanese one as it is dialled at home (09012345678), others in E.164 form.
    """
    import phonenumbers

    number = normalised_phone(value)
    if number is None:
        return None
    kind = phonenumbers.number_type(phonenumbers.parse(number, None))
    if kind not in (
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    ):
        return None
    return "0" + number.removeprefix(_JAPAN) if number.startswith(_JAPAN) else number
