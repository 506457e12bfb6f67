"""Alerts on their way: webhook and mail servers on the loopback, and what is tried again."""

from __future__ import annotations

import pytest

from ingestion.settings import Alerts
from orchestration.channels import Message, send
from tests.orchestration.listeners import listening_hook, listening_mailbox

MESSAGE = Message(
    "[Tokui] 本店: 夜間更新 停止 (stopped)", "テスト\nReaders go on.", {"status": "stopped"}
)
HOOK = Alerts(webhook=True)


def _mail(port: int, security: str = "none") -> Alerts:
    return Alerts(
        email_to=("a@example.com", "b@example.com"),
        email_from="tokui@example.com",
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security=security,
    )


@pytest.fixture
def waits() -> list[float]:
    """Seconds that were waited between tries, without waiting them."""
    return []


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def test_a_webhook_gets_text_and_fields(monkeypatch, waits) -> None:
    with listening_hook() as hook:
        monkeypatch.setenv("TOKUI_ALERT_WEBHOOK", hook.url)
        assert send(HOOK, MESSAGE, waits.append) == {"webhook": ""}
    assert hook.bodies == [
        {"text": f"{MESSAGE.subject}\n{MESSAGE.text}", "fields": {"status": "stopped"}}
    ]
    assert waits == []


def test_what_can_pass_is_tried_again_with_longer_waits(monkeypatch, waits) -> None:
    with listening_hook(503, 429) as hook:
        monkeypatch.setenv("TOKUI_ALERT_WEBHOOK", hook.url)
        assert send(HOOK, MESSAGE, waits.append) == {"webhook": ""}
    assert len(hook.bodies) == 3
    assert waits == [1, 2]


@pytest.mark.parametrize("answer", [404, 302])
def test_a_refusal_is_final_and_the_address_is_not_told(monkeypatch, waits, answer: int) -> None:
    with listening_hook(answer) as hook:
        monkeypatch.setenv("TOKUI_ALERT_WEBHOOK", hook.url)
        reason = send(HOOK, MESSAGE, waits.append)["webhook"]
    assert reason == f"127.0.0.1 answered {answer}"
    assert len(hook.bodies) == 1


def test_a_service_that_is_away_is_tried_three_times(monkeypatch, waits) -> None:
    with listening_hook() as hook:
        monkeypatch.setenv("TOKUI_ALERT_WEBHOOK", hook.url)
    reason = send(HOOK, MESSAGE, waits.append)["webhook"]
    assert "127.0.0.1 cannot be reached" in reason
    assert "3 times" in reason
    assert "secret" not in reason


@pytest.mark.parametrize("address", ["", "file:///etc/passwd", "chat.example.com/hook"])
def test_without_an_address_it_says_which_variable_to_set(monkeypatch, waits, address) -> None:
    monkeypatch.setenv("TOKUI_ALERT_WEBHOOK", address)
    assert "TOKUI_ALERT_WEBHOOK" in send(HOOK, MESSAGE, waits.append)["webhook"]


def test_a_mail_carries_a_japanese_subject_to_everybody(waits) -> None:
    with listening_mailbox() as box:
        assert send(_mail(box.port), MESSAGE, waits.append) == {"e-mail": ""}
    (mail,) = box.mails
    assert mail["Subject"] == MESSAGE.subject
    assert mail["To"] == "a@example.com, b@example.com"
    assert mail["From"] == "tokui@example.com"
    assert mail.get_content().splitlines() == ["テスト", "Readers go on."]


def test_a_mail_server_that_is_busy_is_tried_again(waits) -> None:
    with listening_mailbox("451 later") as box:
        assert send(_mail(box.port), MESSAGE, waits.append) == {"e-mail": ""}
    assert (len(box.mails), waits) == (1, [1])


def test_a_mail_server_that_refuses_is_not_asked_again(waits) -> None:
    with listening_mailbox("550 no") as box:
        reason = send(_mail(box.port), MESSAGE, waits.append)["e-mail"]
    assert reason == f"127.0.0.1:{box.port} answered 550"
    assert box.sessions == 1


def test_no_mail_goes_out_in_the_clear_where_encryption_is_asked_for(waits) -> None:
    with listening_mailbox() as box:
        reason = send(_mail(box.port, "starttls"), MESSAGE, waits.append)["e-mail"]
    assert "refused it (SMTPNotSupportedError)" in reason
    assert box.mails == []


def test_no_password_goes_out_in_the_clear(monkeypatch, waits) -> None:
    monkeypatch.setenv("TOKUI_SMTP_USER", "tokui")
    monkeypatch.setenv("TOKUI_SMTP_PASSWORD", "secret")
    with listening_mailbox() as box:
        reason = send(_mail(box.port), MESSAGE, waits.append)["e-mail"]
    assert "in the clear" in reason
    assert "secret" not in reason
    assert box.mails == []
