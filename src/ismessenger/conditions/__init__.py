"""One language of conditions about contacts: what it says, the same question as SQL and in memory, and what an editor needs."""
