"""The blocks of commands in the documents: which are run by documents.py, and why each other one is not.

A block ```sh is run, unless the line before it says why not: `<!-- not run: the reason -->`. `make check` fails for a block that
nobody runs and that has no reason, so none escapes. Alone, this file lists every block:
`.local/venvs/ministack/bin/python local/blocks.py`.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from console import main, say
from settings import ROOT

FENCE = re.compile(r"^(?:<!-- not run: (?P<why>.+) -->\n\n?)?(?P<indent> *)```(?P<kind>sh|bash|shell|console|text)\b.*\n"
                   r"(?P<text>(?:.*\n)*?)^ *```$", re.MULTILINE)
STARTS_LATCHKEY = re.compile(r"^(\(cd latchkey && .*)?make start\b", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    page: Path
    line: int
    kind: str  # sh, or text: what the block before it prints
    text: str
    why_not: str | None  # the reason why it is not run
    form: str | None  # what is wrong with how it is written

    def __str__(self) -> str:
        first = next((line for line in self.text.splitlines() if line and not line.startswith("#")), "")
        return f"{self.page.relative_to(ROOT)}:{self.line}  {first[:60]}"


def of(page: Path) -> list[Block]:
    text = page.read_text()
    return [_block(page, text, match) for match in FENCE.finditer(text)]


def _block(page: Path, text: str, match: re.Match) -> Block:
    why, form = match["why"], None
    if not why and STARTS_LATCHKEY.search(match["text"]):
        why = "it starts the Latchkey that is running already"
    if match["kind"] not in ("sh", "text"):
        form = f"write ```sh, not ```{match['kind']}"
    elif match["indent"] and match["kind"] == "sh":
        form = "a block that stands indented is not run"
    return Block(page, text.count("\n", 0, match.start()) + 1, match["kind"], match["text"], why, form)


def pages() -> list[Path]:
    """Every document in the repository."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True,
                            text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in sorted(listed) if (ROOT / name).exists()]


def unexplained(run: set[Path]) -> list[str]:
    """A line for each block of commands that is neither in a page that is run nor says why not, and for each reason without a block."""
    found = []
    for page in pages():
        blocks = of(page)
        found += [f"{block}: {block.form or 'no test runs it: put the page into local/documents.py, or say why not (local/blocks.py)'}"
                  for block in blocks if block.form or block.kind == "sh" and not block.why_not and page not in run]
        if page.read_text().count("\n<!-- not run") > sum(bool(block.why_not) for block in blocks):
            found.append(f"{page.relative_to(ROOT)} has a reason `<!-- not run: … -->` with no block below it")
    return found


def _list() -> None:
    for page in pages():
        for block in of(page):
            if block.kind == "sh":
                say(f"{'not run' if block.why_not else 'run    '}  {block}" + (f"\n             {block.why_not}" if block.why_not else ""))


if __name__ == "__main__":
    main(_list)
