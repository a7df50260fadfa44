"""The database side of workflows: who is enrolled, where runs stand, what they set off."""
