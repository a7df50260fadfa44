"""A letter as mail servers want it, and how the operator's server is reached."""

from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Protocol, TypedDict
from urllib.parse import unquote, urlsplit

from ismessenger.settings import MAIL_FROM, Settings

NAME = "IS-Messenger"
PORTS = {"smtp": 587, "smtps": 465}


class Written(Protocol):
    """What is needed of a letter."""

    id: int
    to: str
    subject: str
    text: str
    created_at: datetime


class Server(TypedDict):
    """How the mail server is reached: arguments of `aiosmtplib.send`."""

    hostname: str
    port: int
    username: str | None
    password: str | None
    use_tls: bool
    start_tls: bool | None
    local_hostname: str


def message_of(settings: Settings, letter: Written) -> EmailMessage:
    """The letter with its headers. Its Message-ID is always the same, so that a mailbox shows a repeated one once.

    Raises ``ValueError`` if what it is sent to is no address.
    """
    sender = sender_of(settings)
    message = EmailMessage(policy=SMTP)
    # The policy refuses line breaks in headers, and an address is parsed as the one that it is.
    message["From"] = sender
    message["To"] = _address(letter.to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = f"<letter.{letter.id}.{int(letter.created_at.timestamp() * 1000)}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message


def _address(stated: str) -> Address:
    try:
        return Address(addr_spec=stated)
    except (MessageError, IndexError) as error:  # the parser of Python 3.11 runs over the end of some
        raise ValueError(f"{stated!r} is not an e-mail address.") from error


def sender_of(settings: Settings) -> Address:
    """Who letters are from: the operator's choice, else the host that people know."""
    if settings.mail_from:
        name, address = MAIL_FROM.fullmatch(settings.mail_from).groups()  # type: ignore[union-attr]  # the settings check it
        return Address((name or NAME).strip(' "'), addr_spec=address)
    host = urlsplit(settings.address).hostname or ""
    return Address(NAME, "no-reply", host if "." in host and not _is_number(host) else "localhost.localdomain")


def server_of(settings: Settings) -> Server:
    """The mail server of the settings, which must name one.

    ``smtps`` speaks TLS from the first byte. ``smtp`` begins TLS with STARTTLS: a password goes to another machine in no other way;
    without a password TLS is used if it is offered. On this machine it is left out, where a server's certificate names nobody.
    """
    if settings.smtp_url is None:
        raise ValueError("The settings name no mail server.")
    parts = urlsplit(settings.smtp_url.get_secret_value())
    host = parts.hostname or ""
    upgrade = False if parts.scheme == "smtps" or is_this_machine(host) else True if parts.username else None
    return Server(
        hostname=host,
        port=parts.port or PORTS[parts.scheme],
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password or "") if parts.username else None,
        use_tls=parts.scheme == "smtps",
        start_tls=upgrade,
        local_hostname=sender_of(settings).domain,
    )


def is_this_machine(host: str) -> bool:
    """Whether a host's name or number can only mean the machine that asks."""
    return host == "localhost" or (_is_number(host) and ip_address(host).is_loopback)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
