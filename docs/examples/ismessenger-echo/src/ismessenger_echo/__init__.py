"""Echo as a channel of IS-Messenger."""
