"""Latchkey for Python.

latchkey.fastapi, latchkey.asgi and latchkey.wsgi check API keys; latchkey.testing serves your own API, guarded, for tests.
"""
