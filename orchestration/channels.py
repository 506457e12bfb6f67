"""Ways an alert goes out: a webhook and e-mail, each tried three times, with waits that grow.

Secrets come from the environment: `TOKUI_ALERT_WEBHOOK`, `TOKUI_SMTP_USER`, `TOKUI_SMTP_PASSWORD`.
No message of this module quotes them.
"""

from __future__ import annotations

import json
import os
import smtplib
import ssl
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.error import HTTPError
from urllib.parse import urlsplit

from ingestion.settings import Alerts

_TRIES = 3
_SECONDS = 15.0
_LONGEST_WAIT = 10.0


@dataclass(frozen=True)
class Message:
    """What is sent: a line, a text, and the same as named fields for programs that read it."""

    subject: str
    text: str
    fields: dict[str, str]


class UnsentError(Exception):
    """A message cannot be sent this way; trying again would not help."""


class PassingError(UnsentError):
    """A message could not be sent now; it may be a moment later."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A webhook that moved is not followed: its address is a secret, and a POST becomes a GET."""

    def redirect_request(self, *_: object) -> None:
        return None


def channels(alerts: Alerts) -> dict[str, Callable[[Alerts, Message], None]]:
    """The ways that the settings name; empty while alerts are off."""
    found: dict[str, Callable[[Alerts, Message], None]] = {}
    if alerts.webhook:
        found["webhook"] = post
    if alerts.email_to:
        found["e-mail"] = mail
    return found


def send(
    alerts: Alerts, message: Message, sleep: Callable[[float], None] = time.sleep
) -> dict[str, str]:
    """Send a message every way that is set; why it failed by channel, empty where it went out."""
    return {name: _try(way, alerts, message, sleep) for name, way in channels(alerts).items()}


def post(_: Alerts, message: Message) -> None:
    """POST the message as JSON: `text`, which chat services show, and `fields`.

    Raises:
        UnsentError: there is no address, or the service refused the message.
    """
    url = os.environ.get("TOKUI_ALERT_WEBHOOK", "")
    if urlsplit(url).scheme not in ("http", "https"):
        raise UnsentError(
            "the environment variable TOKUI_ALERT_WEBHOOK holds no http(s) address; set it where "
            "the refresh is started"
        )
    body = {"text": f"{message.subject}\n{message.text}", "fields": message.fields}
    request = urllib.request.Request(
        url,
        json.dumps(body, ensure_ascii=False).encode(),
        {"Content-Type": "application/json; charset=utf-8"},
    )
    host = urlsplit(url).hostname
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=_SECONDS):
            pass
    except HTTPError as error:
        kind = PassingError if error.code == 429 or error.code >= 500 else UnsentError
        raise kind(f"{host} answered {error.code}") from None
    except OSError as error:
        raise PassingError(f"{host} cannot be reached ({type(error).__name__})") from None


def mail(alerts: Alerts, message: Message) -> None:
    """Send the message to every address in one e-mail.

    Raises:
        UnsentError: the server refused it, or refused the log-in.
    """
    server = f"{alerts.smtp_host}:{alerts.smtp_port}"
    try:
        with _connect(alerts) as client:
            _log_in(alerts, client)
            refused = client.send_message(_email(alerts, message))
    except smtplib.SMTPResponseException as error:
        kind = UnsentError if error.smtp_code >= 500 else PassingError
        raise kind(f"{server} answered {error.smtp_code}") from None
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError) as error:
        raise UnsentError(f"{server} refused it ({type(error).__name__})") from None
    except ssl.SSLCertVerificationError as error:
        raise UnsentError(f"{server} has no certificate to be trusted: {error.reason}") from None
    except OSError as error:
        raise PassingError(f"{server} cannot be reached ({type(error).__name__})") from None
    if refused:
        raise UnsentError(f"{server} refused {len(refused)} of {len(alerts.email_to)} addresses")


def _connect(alerts: Alerts) -> smtplib.SMTP:
    context = ssl.create_default_context()
    where = alerts.smtp_host, alerts.smtp_port
    if alerts.smtp_security == "ssl":
        return smtplib.SMTP_SSL(*where, timeout=_SECONDS, context=context)
    client = smtplib.SMTP(*where, timeout=_SECONDS)
    if alerts.smtp_security == "starttls":
        try:
            client.starttls(context=context)
        except BaseException:
            client.close()
            raise
    return client


def _log_in(alerts: Alerts, client: smtplib.SMTP) -> None:
    user = os.environ.get("TOKUI_SMTP_USER")
    if not user:
        return
    if alerts.smtp_security == "none":
        raise UnsentError(
            'TOKUI_SMTP_USER is set, but with alerts.smtp_security = "none" its password would '
            'travel in the clear; use "starttls" or "ssl"'
        )
    client.login(user, os.environ.get("TOKUI_SMTP_PASSWORD", ""))


def _email(alerts: Alerts, message: Message) -> EmailMessage:
    email = EmailMessage()
    email["Subject"] = " ".join(message.subject.split())
    email["From"] = alerts.email_from
    email["To"] = ", ".join(alerts.email_to)
    email["Date"] = formatdate(localtime=False)
    email["Message-ID"] = make_msgid(domain="tokui.invalid")
    email.set_content(message.text)
    return email


def _try(
    way: Callable[[Alerts, Message], None],
    alerts: Alerts,
    message: Message,
    sleep: Callable[[float], None],
) -> str:
    """Why a message did not go out one way; empty when it did."""
    from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

    tries = Retrying(
        retry=retry_if_exception_type(PassingError),
        stop=stop_after_attempt(_TRIES),
        wait=wait_exponential(multiplier=1, max=_LONGEST_WAIT),
        sleep=sleep,
        reraise=True,
    )
    try:
        tries(way, alerts, message)
    except PassingError as error:
        return f"{error}, {_TRIES} times"
    except UnsentError as error:
        return str(error)
    except Exception as error:
        # Whatever fails here, the run has ended as it has: an alert never changes that.
        return f"it failed with {type(error).__name__}"
    return ""
