"""The settings of an organization, a page per file."""
