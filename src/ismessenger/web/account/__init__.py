"""Pages of the person: signing up, links that were mailed, the second factor, personal settings."""
