"""The pages of workflows: the list, the builder, and what the builder asks for."""
