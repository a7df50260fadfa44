"""What can go wrong around the servers, as one sentence for the person at the terminal."""


class ServerTrouble(Exception):
    """A server cannot be started or reached; the text says what is wrong and what mends it."""
