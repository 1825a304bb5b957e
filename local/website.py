"""`make site`: the documents as one site, in `.local/site`. Open `index.html` there, or put the folder on any web server.

It needs no network. website_pages.py lays out what Zensical reads, reference.py makes the pages of reference, and website_links.py
reads what was built.
"""

import json
import os
import re
import shutil

import console
import node
import reference
import venvs
import website_links
import website_pages
from settings import LOCAL, plain_environment

SOURCE = LOCAL / "site-source"
SITE = LOCAL / "site"
LOG = LOCAL / "log" / "site.log"
SHIM = node.SITE / "node_modules" / "iframe-worker" / "shim" / "index.js"
FETCHED_SHIM = "https://unpkg.com/iframe-worker/shim"  # Zensical would have each page fetch it
SLUGS = {"object": "pymdownx.slugs.slugify", "kwds": {"case": "lower"}}  # the anchors that GitHub gives
SETTINGS = {
    "site_name": "Latchkey",
    "site_description": "Authentication for your API, without a server",
    "docs_dir": SOURCE.name,
    "site_dir": SITE.name,
    "use_directory_urls": False,
    "plugins": ["search", "offline"],
    "extra_css": ["site.css"],
    "extra_javascript": ["site.js"],
    "theme": {
        "font": False,  # of the reader's system, so that nothing is fetched
        "features": ["navigation.sections", "navigation.top", "content.code.copy", "search.highlight"],
        "palette": [
            {"media": "(prefers-color-scheme: light)", "scheme": "default", "toggle": {"icon": "lucide/sun", "name": "Switch to dark"}},
            {"media": "(prefers-color-scheme: dark)", "scheme": "slate", "toggle": {"icon": "lucide/moon", "name": "Switch to light"}},
        ],
    },
    "markdown_extensions": {
        "tables": {}, "attr_list": {}, "md_in_html": {}, "toc": {"permalink": True, "slugify": SLUGS},
        "pymdownx.highlight": {"pygments_lang_class": True}, "pymdownx.superfences": {}, "pymdownx.saneheaders": {}},
}


def build() -> list[str]:
    """Builds the site. Returns a line for each mistake."""
    console.together(venvs.jobs("site") + node.jobs(node.SITE))
    for folder in (SOURCE, SITE):
        shutil.rmtree(folder, ignore_errors=True)
    navigation = website_pages.lay_out(SOURCE, reference.pages())
    settings = LOCAL / "mkdocs.yml"  # JSON is YAML
    settings.write_text(json.dumps(SETTINGS | {"nav": navigation}, indent=1))
    try:
        console.run_logged([venvs.tool("site", "zensical"), "build", "--strict", "--config-file", settings], LOG, "zensical build",
                           cwd=LOCAL, env=plain_environment() | {"NO_COLOR": "1"})
    except console.Failure as failure:
        return [*_warnings(), str(failure)]
    _bring_the_shim()
    return website_links.dead(SITE)


def findings() -> str:
    return "\n".join(build())


def _bring_the_shim() -> None:
    """A browser starts no worker in a file without a server, so the search needs this there."""
    target = SITE / "assets" / "javascripts" / "iframe-worker.js"
    shutil.copyfile(SHIM, target)
    for page in SITE.rglob("*.html"):
        page.write_text(page.read_text().replace(FETCHED_SHIM, os.path.relpath(target, page.parent)))


def _warnings() -> list[str]:
    """Zensical draws its warnings with arrows and colours; the place and the words are enough."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", LOG.read_text(errors="replace"))
    return [f"{place}: {said}" for said, place in re.findall(r"Warning: (.*)\n.*?\[ (\S+) \]", text)]


def _build() -> int:
    found = build()
    for line in found:
        console.say(line)
    if not found:
        console.say(f"the site is {os.path.relpath(SITE / 'index.html')}")
    return 1 if found else 0


if __name__ == "__main__":
    console.main(_build)
