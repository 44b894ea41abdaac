"""The rules of docs/contract/rules.md. Pure: no I/O, no clock, no randomness, no logging."""
