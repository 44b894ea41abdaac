"""Storefront orders into the POS: `push.py` is the story."""
