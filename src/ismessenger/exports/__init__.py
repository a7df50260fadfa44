"""Contacts, conversations and messages as files to take away."""
