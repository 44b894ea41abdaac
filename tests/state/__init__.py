"""Tests of the state file: real files, real processes, no mocks."""
