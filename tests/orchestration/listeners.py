"""Servers on the loopback that alerts can be sent to: a webhook and a mail server, as threads."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


class Hook:
    """What a webhook was sent; it answers with `answers`, one after the other, then with 200."""

    def __init__(self, answers: list[int]) -> None:
        self.answers = answers
        self.bodies: list[dict[str, Any]] = []
        self.url = ""


class Mailbox:
    """Mails that a server took; it answers `answers` to the first senders, then 250."""

    def __init__(self, answers: list[str]) -> None:
        self.answers = answers
        self.mails: list[EmailMessage] = []
        self.sessions = 0
        self.port = 0


@contextmanager
def listening_hook(*answers: int) -> Iterator[Hook]:
    hook = Hook(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(hook.answers.pop(0) if hook.answers else 200)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """No word on the console."""

    with _served(HTTPServer(("127.0.0.1", 0), Handler)) as port:
        hook.url = f"http://127.0.0.1:{port}/hook/secret-part"
        yield hook


@contextmanager
def listening_mailbox(*answers: str) -> Iterator[Mailbox]:
    box = Mailbox(list(answers))

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            box.sessions += 1
            self._say("220 ready")
            for line in self.rfile:
                verb = line.decode().split(":")[0].strip().upper()
                if verb == "MAIL FROM" and box.answers:
                    self._say(box.answers.pop(0))
                elif verb == "DATA":
                    self._say("354 go on")
                    box.mails.append(self._mail())
                    self._say("250 taken")
                else:
                    self._say("221 bye" if verb == "QUIT" else "250 ok")

        def _mail(self) -> EmailMessage:
            lines = iter(self.rfile.readline, b".\r\n")
            return message_from_bytes(b"".join(lines), policy=policy.default)  # type: ignore[return-value]

        def _say(self, text: str) -> None:
            self.wfile.write(text.encode() + b"\r\n")

    with _served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as port:
        box.port = port
        yield box


@contextmanager
def _served(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
