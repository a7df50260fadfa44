"""A mail server on this machine that receives the letters, or is told to refuse them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class PostOffice:
    """What arrived, and what is answered to recipients and to letters."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str | None, list[str]]] = field(default_factory=list)
    to_recipient: str = "250 OK"
    to_letter: str = "250 OK"
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.to_letter.startswith("250"):
            content = envelope.content if isinstance(envelope.content, bytes) else b""
            self.letters.append(BytesParser(EmailMessage, policy=default).parsebytes(content))
            self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
            self.arrived.set()
        return self.to_letter

    def let_in(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object) -> AuthResult:
        """Note who signs in; everybody may."""
        if isinstance(given, LoginPassword):
            self.logins.append((given.login, given.password))
        return AuthResult(success=True)


@asynccontextmanager
async def post_office() -> AsyncIterator[PostOffice]:
    """A mail server until the block ends."""
    office = PostOffice()
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(office, hostname="post.example", authenticator=office.let_in, auth_require_tls=False, enable_SMTPUTF8=True, loop=loop)

    server = await loop.create_server(protocol, "127.0.0.1", 0)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        await server.wait_closed()
