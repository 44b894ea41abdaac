"""Connecting a store: checks, areas, the account's locations."""
