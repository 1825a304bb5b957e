"""Lays out the pages of the site: `docs/` as it stands, the pages of reference, and whatever these link in the rest of the repository.

A document keeps the links that GitHub follows. Those that lead out of `docs/` are changed here: a Markdown file is a page of the site
too, any other file is a copy that a browser shows as text, and a folder is a list of its files.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from settings import ROOT

DOCS = ROOT / "docs"
ASSETS = ROOT / "local" / "website"
START = DOCS / "README.md"  # the first page; its lists of pages are the navigation
LINK = re.compile(r"(!?\[[^\]]*\])\(([^)\s]+)\)")
CODE = re.compile(r"^( *)```.*?^\1```$|``.*?``|`[^`\n]*`", re.MULTILINE | re.DOTALL)
ENTRY = re.compile(r"^- \[([^\]]+)\]\(([^)#]+)\)", re.MULTILINE)
FENCE = re.compile(r"^( *```\w+) [^\n{]+$", re.MULTILINE)  # a word after the language, which only documents.py reads


class Pages:
    """What has been laid out in a folder, and what is still to be."""

    def __init__(self, folder: Path):
        self.folder, self.waiting, self.known = folder, [], {}

    def place(self, path: Path) -> Path:
        """Where a file of the repository stands in the site. One that is not there yet is laid out later."""
        if path not in self.known:
            self.known[path] = self.folder / _place(path)
            self.waiting.append(path)
        return self.known[path]

    def write_all(self) -> None:
        while self.waiting:
            path = self.waiting.pop()
            target = self.known[path]
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                target.write_text(self._listing(path, target))
            elif path.suffix == ".md":
                target.write_text(self._page(path, target))
            else:
                shutil.copyfile(path, target)

    def _page(self, path: Path, target: Path) -> str:
        text = path.read_text()
        code = [match.span() for match in CODE.finditer(text)]

        def changed(match: re.Match) -> str:
            if any(start <= match.start() < end for start, end in code):
                return match[0]
            file, hash_, anchor = match[2].partition("#")
            linked = Path(os.path.normpath(path.parent / file))
            if not file or "://" in file or not linked.exists():
                return match[0]
            if linked.is_dir() and (linked / "README.md").exists():
                linked /= "README.md"
            return f"{match[1]}({os.path.relpath(self.place(linked), target.parent)}{hash_}{anchor})"

        return FENCE.sub(r"\1", LINK.sub(changed, text))

    def _listing(self, path: Path, target: Path) -> str:
        files = [path / name for name in _tracked(path) if not Path(name).name.startswith(".")]
        lines = [f"- [{file.relative_to(path)}]({os.path.relpath(self.place(file), target.parent)})" for file in files]
        return "\n".join([f"# {path.relative_to(ROOT)}", "", *lines, ""])


def lay_out(folder: Path, reference: dict[str, str]) -> list:
    """Writes all pages, and returns the navigation as Zensical takes it. `reference` has the pages that are made, by their paths."""
    pages = Pages(folder)
    for name in _tracked(DOCS):
        pages.place(DOCS / name)
    pages.write_all()
    for name, text in reference.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for asset in ("site.css", "site.js"):
        shutil.copyfile(ASSETS / asset, folder / asset)
    return _navigation(pages, reference)


def _navigation(pages: Pages, reference: dict[str, str]) -> list:
    """A section for each heading of the first page, with the pages that its list links. The pages of reference end the last-named."""
    navigation = [{"All documents": "index.md"}]
    for section in re.split(r"^## ", START.read_text(), flags=re.MULTILINE)[1:]:
        name, _, rest = section.partition("\n")
        entries = [{title: str(pages.place(Path(os.path.normpath(DOCS / file))).relative_to(pages.folder))}
                   for title, file in ENTRY.findall(rest)]
        if name == "Reference":
            entries += [{re.match(r"# (.*)", text)[1]: path} for path, text in reference.items()]
        navigation.append({name: entries})
    return navigation


def _place(path: Path) -> Path:
    if path == START:
        return Path("index.md")
    if path.is_relative_to(DOCS):
        within = path.relative_to(DOCS)
        return within if path.suffix in (".md", ".png", ".svg") else Path(f"{within}.txt")
    within = path.relative_to(ROOT)
    if path.is_dir():
        return Path("repository", within, "files.md")
    if within == Path("README.md"):
        return Path("repository/readme.md")
    return Path("repository", within) if path.suffix in (".md", ".png", ".svg") else Path("repository", f"{within}.txt")


def _tracked(folder: Path) -> list[str]:
    """The files that git has or would have, so that nothing that was built is copied."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "."]
    listed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in listed if (folder / name).exists()]
