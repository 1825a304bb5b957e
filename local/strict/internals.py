"""Replaces functions inside the emulator where it has no setting.

A replacement is made when the emulator starts, and only in the version that it was written for: another version fails
at the start, not in a later request.
"""

from functools import partial
from importlib import metadata

VERSION = "1.5.33"


def check_version() -> None:
    """Raises unless the emulator is the one that the replacements were written for."""
    found = metadata.version("ministack")
    if found != VERSION:
        raise RuntimeError(f"local/strict is written for ministack {VERSION}, not {found}: read what changed, then change VERSION")


def replace(owner, name: str, replacement) -> None:
    """Puts `replacement(original, ...)` in the place of a module's or a class's `name`. Raises AttributeError if there is none."""
    setattr(owner, name, partial(replacement, getattr(owner, name)))


def replace_item(table: dict, name: str, replacement) -> None:
    """The same for an entry of a table."""
    table[name] = partial(replacement, table[name])
