"""Neutral Markdown as plain text and as HTML."""


def to_plain(text: str) -> str:
    """Plain words; links become ``words (https://…)``."""
    raise NotImplementedError


def to_html(text: str) -> str:
    """Escaped HTML with b, i, s, code and a only; line breaks stay line breaks."""
    raise NotImplementedError
