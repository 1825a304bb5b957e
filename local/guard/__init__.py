"""`make local`: somebody's own API, guarded, on this machine. local/guarded.py runs it."""
