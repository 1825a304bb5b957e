"""Knows which rows of docs/aws.md are in force. All are, until a test switches a row off to show that the row's test then fails."""

import threading

_lock = threading.Lock()
_off: set[str] = set()


def on(row: str) -> bool:
    """Reports whether the emulator behaves as AWS does in this row ("1" to "22", or "iam")."""
    return row not in _off


def off() -> list[str]:
    """The rows that are switched off, in order."""
    return sorted(_off)


def turn(row: str, strict: bool) -> None:
    with _lock:
        if strict:
            _off.discard(row)
        else:
            _off.add(row)
