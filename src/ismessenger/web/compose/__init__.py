"""What helps people write: snippets, variables, names, files of the library."""
