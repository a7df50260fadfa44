"""One file for each kind of trigger."""
