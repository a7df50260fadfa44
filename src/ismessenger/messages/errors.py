"""What can stand in the way of a message."""


class ComeAgain(Exception):
    """An item cannot be settled yet: our own send of the same message may still be under way."""


class ReplyRefused(ValueError):
    """The message cannot be sent; the text tells the person who wrote it why. ``code`` names the reason for programs."""

    def __init__(self, words: str, code: str = "refused") -> None:
        super().__init__(words)
        self.code = code
