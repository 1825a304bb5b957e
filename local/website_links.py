"""Reads each page that was built: no link and no anchor of it may lead nowhere, and nothing may be fetched from elsewhere."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FETCHED = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src"), ("source", "srcset")}


class Page(HTMLParser):
    def __init__(self, text: str):
        super().__init__()
        self.ids, self.links, self.images = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        values = dict(attributes)
        self.ids |= {values[name] for name in ("id", "name") if values.get(name)}
        self.links += [(values[name], (tag, name) in FETCHED) for name in ("href", "src", "srcset") if values.get(name)]
        if tag == "img" and not values.get("alt"):
            self.images.append(values.get("src"))


def dead(site: Path) -> list[str]:
    """A line for each link that leads nowhere, and each picture without words."""
    pages = {path: Page(path.read_text()) for path in site.rglob("*.html") if path.name != "404.html"}
    found = []
    for path, page in pages.items():
        name = path.relative_to(site)
        found += [f"{name}: the picture {image} has no text for those who do not see it" for image in page.images]
        found += [f"{name} {wrong}" for link, fetched in page.links if (wrong := _wrong(path, link, fetched, pages))]
    return sorted(set(found))


def _wrong(path: Path, link: str, fetched: bool, pages: dict[Path, Page]) -> str:
    parts = urlsplit(link)
    if parts.scheme in ("http", "https"):
        return f"fetches {link}, and must work without a network" if fetched else ""
    if parts.scheme in ("data", "mailto", "javascript"):
        return ""
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        return f"links {link}, and there is no such file"
    if parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids | {"__top", ""}:
        return f"links {link}, and that page has no such place"
    return ""
