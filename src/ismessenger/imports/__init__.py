"""Contacts out of files that people bring: reading the file, saying what its columns are, adding and changing contacts, taking it back."""
