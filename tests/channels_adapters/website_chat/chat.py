"""What the tests of website chat share: a channel with a fixed key, and requests of its visitors."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from channels_adapters.website_chat import tokens
from channels_adapters.website_chat.adapter import WebsiteChat
from channels_adapters.website_chat.config import WebsiteChatConfig
from ismessenger.sdk.channel import RawRequest

KEY = "fixture-key-" * 4
ROUTE = "testroute"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
VISITOR = "visitor:Zx81"
CHANNEL = WebsiteChat()


def config(**chosen: Any) -> WebsiteChatConfig:
    return WebsiteChatConfig.model_validate({"visitor_key": KEY, **chosen})


def user_hash(user_id: str, key: str = KEY) -> str:
    """As the website's own server makes it."""
    return hmac.new(key.encode(), user_id.encode(), hashlib.sha256).hexdigest()


def said(text: str = "Hello", **fields: Any) -> dict[str, Any]:
    return {"visitor": VISITOR, "type": "message", "id": "0f8a4c1e2b3d4f5a", "text": text, **fields}


def posted(body: Any, *, visitor: str = VISITOR, key: str = KEY, at: datetime = NOW, issued: datetime = NOW) -> RawRequest:
    """A request with the visitor's token; ``body`` is JSON unless it is bytes."""
    token = tokens.issue(key, ROUTE, visitor, issued)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RawRequest("POST", {"authorization": f"Bearer {token}", "content-type": "application/json"}, "", raw, at)
