"""Webhooks as providers send them: bodies, signatures, whole requests."""

import hashlib
import hmac
import time

import orjson

PAGE = "104"
SECRET = "the-app-secret-of-the-benchmarks"
TOKEN = "bench"
CUSTOM_TOKEN = "the-token-of-the-benchmarks"


def words(number: int) -> str:
    """What a customer writes; the number can be found again in what an agent sees."""
    return f"{TOKEN}-{number:08d} Do you still have the blue hydrangeas, and would you deliver on Saturday?"


def messenger_body(contact: int, number: int) -> bytes:
    """A text that a person sent to the page."""
    milliseconds = int(time.time() * 1000)
    message = {"mid": f"m_{number:010d}-Graph7Lw2Qx8Nc5Yr0rKpYcNfHe3sUaGd1iZo9MtXqBVlCkW6jPyRnEhSg", "text": words(number)}
    item = {"sender": {"id": f"7482{contact:012d}"}, "recipient": {"id": PAGE}, "timestamp": milliseconds, "message": message}
    return orjson.dumps({"object": "page", "entry": [{"id": PAGE, "time": milliseconds, "messaging": [item]}]})


def custom_body(contact: int, number: int) -> bytes:
    """The same by the protocol of custom channels, which brings the person's name along."""
    message = {"type": "text", "text": words(number)}
    event = {"type": "message", "mId": f"m{number:010d}", "timestamp": int(time.time() * 1000), "message": message}
    person = {"firstName": "Mira", "lastName": f"Okafor {contact}", "language": "en", "email": f"mira{contact}@example.com"}
    return orjson.dumps({"contactId": f"c{contact:08d}", "events": [event], "contact": person})


def signed_request(path: str, body: bytes) -> bytes:
    """A whole request of Messenger, signed with `SECRET`."""
    signature = hmac.digest(SECRET.encode(), body, hashlib.sha256).hex()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: facebookexternalua\r\nAccept: */*\r\n"
        f"Content-Type: application/json\r\nX-Hub-Signature-256: sha256={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def custom_request(path: str, body: bytes) -> bytes:
    """A whole request of a custom channel's server."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {CUSTOM_TOKEN}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
