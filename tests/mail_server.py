"""Tests: a mail server of our own on loopback: takes messages, or refuses as it is told to."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage


class MailServer:
    """What has arrived, and what the next recipients will be told instead of 250, one answer each."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.messages: list[EmailMessage] = []
        self.refusals: list[str] = []
        self.lock = threading.Lock()
        # Somebody is in the middle of a message; and may go on.
        self.asked, self.gate = threading.Event(), threading.Event()
        self.gate.set()

    def texts(self) -> list[str]:
        """The text of every message that has arrived."""
        return [str(message.get_content()) for message in self.messages]

    def answer_to_recipient(self) -> str:
        """250, or the next refusal that was ordered."""
        with self.lock:
            return self.refusals.pop(0) if self.refusals else "250 ok"


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        # Whoever was killed in the middle of a message is not there for the answer.
        with suppress(OSError):
            self._talk()

    def _talk(self) -> None:
        mail: MailServer = self.server.mail  # type: ignore[attr-defined]
        self._say("220 tests")
        while line := self.rfile.readline():
            word = line.split(b" ")[0].strip().upper()
            if word == b"RCPT":
                mail.asked.set()
                mail.gate.wait(60)
                self._say(mail.answer_to_recipient())
            elif word == b"DATA":
                self._say("354 go on")
                self._take(mail)
                self._say("250 taken")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _take(self, mail: MailServer) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if line == b"":
            raise ConnectionResetError("the message was not sent whole")
        with mail.lock:
            mail.messages.append(message_from_bytes(b"".join(lines), policy=policy.default))  # type: ignore[arg-type]

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def running() -> Iterator[MailServer]:
    """A mail server on a free port of this machine, until the block ends."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session) as server:
        server.daemon_threads = True
        mail = MailServer(server.server_address[1])
        server.mail = mail  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield mail
        finally:
            server.shutdown()
