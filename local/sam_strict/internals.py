"""Replaces methods inside SAM CLI where it has no setting, only in the version that they were written for."""

from functools import wraps
from importlib import metadata

VERSION = "1.170.0"


def check_version() -> None:
    found = metadata.version("aws-sam-cli")
    if found != VERSION:
        raise RuntimeError(f"local/sam_strict is written for SAM CLI {VERSION}, not {found}: read what changed, then change VERSION")


def replace(owner: type, name: str, replacement) -> None:
    """Puts `replacement(original, self, ...)` in the place of a method. Raises AttributeError if there is none."""
    original = getattr(owner, name)
    setattr(owner, name, wraps(original)(lambda *arguments, **named: replacement(original, *arguments, **named)))
