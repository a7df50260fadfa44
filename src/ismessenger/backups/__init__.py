"""Backups: a whole installation in one file."""
