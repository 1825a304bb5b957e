"""Refuses a program that was compiled for another machine: under sam local its function would fail at the first request."""

from pathlib import Path

from console import Failure
from settings import machine_architecture

ELF = b"\x7fELF"
MACHINES = {62: "x86_64", 183: "arm64"}  # e_machine in an ELF header


def check(function: str, properties: dict) -> None:
    program = Path(str(properties.get("CodeUri"))) / "bootstrap"
    if not str(properties.get("Runtime")).startswith("provided") or not program.is_file():
        return
    with program.open("rb") as file:
        head = file.read(20)
    made_for = MACHINES.get(int.from_bytes(head[18:20], "little")) if head.startswith(ELF) else None
    if made_for and made_for != machine_architecture():
        goarch = "arm64" if machine_architecture() == "arm64" else "amd64"
        raise Failure(f"{function} is compiled for {made_for} and this machine is {machine_architecture()}: "
                      f"compile {program} again (Go: GOARCH={goarch})")
