"""Finding people, messages and comments by what somebody typed into one line."""
