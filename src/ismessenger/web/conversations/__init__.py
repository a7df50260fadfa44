"""What members do with a conversation: hand it over, snooze it, close it, come back to it, take it along as a text."""
