"""What the chat widget on other people's websites talks to, and its pages of ours."""
