"""Letters to people: written in the transaction that gives the reason, sent by the worker."""
