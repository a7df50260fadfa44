"""The tests of a channel adapter in one class."""

from ismessenger.sdk.testing.receiving import ReceivingContract
from ismessenger.sdk.testing.sending import SendingContract


class ChannelContract(ReceivingContract, SendingContract):
    """Inherit as ``class TestMyChannel(ChannelContract)``, set ``channel``, ``config``, ``fixtures``, override ``sign`` and ``provider``.

    With ``ISMESSENGER_WRITE_EXPECTED=1`` in the environment missing ``.expected.json`` files are written: read them before you keep them.
    """
