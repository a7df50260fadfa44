"""A step that greets."""
