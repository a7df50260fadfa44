"""The settings of a workspace, a page per file."""
