"""Latchkey for Python. latchkey.testing serves your own API, guarded, for tests."""
