"""Workflows: what they are made of and the engine that runs them. Pure: no database, no network, no clock."""
