# Made by generate.py. Do not edit it.

"""The client for threads."""
