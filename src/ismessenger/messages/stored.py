"""How a content lies in the database: its JSON, and the words that stand for it on a contact's card."""

import orjson

from ismessenger.kit.text import clean, clean_tree
from ismessenger.sdk.content import Content, Media, words_of

PREVIEW = 200


def body_of(content: Content) -> str:
    """A content as the JSON to store."""
    return orjson.dumps(clean_tree(content.model_dump(mode="python", exclude_none=True))).decode()


def preview_of(content: Content) -> str:
    """The last words on a contact's card; a kind between colons (``:image:``) where there are no words."""
    words = " ".join(clean(words_of(content))[: PREVIEW * 4].split())
    return words[:PREVIEW] or f":{content.kind if isinstance(content, Media) else content.type}:"
