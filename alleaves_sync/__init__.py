"""Keeps an AIQ Ecommerce menu in step with an Alleaves point of sale."""

__version__ = "0.1.0"
