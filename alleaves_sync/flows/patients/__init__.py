"""Finds the POS profile of a person, or creates one."""
