"""The report of `make verify`: each promise kept, broken or not checkable, what was seen of docs/aws.md, and what was removed."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from enum import Enum

from settings import ROOT

SUITE = ROOT / "tests" / "e2e"
MARKED = ("aws.md", "deploy.md", "restore.md")  # in docs/; † marks what nobody has seen on AWS yet
UNKNOWN = "local/verify_report.py does not say what settles it"
EXPLAINS_THE_MARK = ("(†)", "is marked †")
# Words of a marked line of deploy.md or restore.md, and what settles it: a row of aws.md, or the reason why a URL cannot show it.
DEPLOYMENT = {
    "API Gateway then sees CloudFront's addresses": "row 12",
    "delete the stage called `Stage`": "row 6",
    "a request under way ends on the old code": "nothing from outside: no answer names its code",
    "DynamoDB fills while everything goes on": "nothing from outside: upgrade a table of that size in staging",
    "not supported as a private one": "nothing from outside: it takes a private API",
    "some minutes to hours": "nothing from outside: practise the restoration in staging",
    "detect-stack-drift": "nothing from outside: practise the restoration in staging",
}
# The topic of a test file, where the file's name does not tell it.
TOPICS = {
    "badfields": "Bad fields", "badinput": "Bad input", "bootstrap": "The first administrator", "campaigns": "Somebody else's API",
    "cors": "Browsers of other origins", "grants": "What a key may hold", "instant": "Revocation", "oauth": "OAuth", "owners": "Tenants",
    "readme": "The README", "regenerate": "Regeneration", "settle": "What AWS alone can show", "whole_run": "Secrecy",
}


class Verdict(Enum):
    KEPT = "kept"
    BROKEN = "NOT KEPT"
    UNCHECKED = "not checkable here"


@dataclass
class Tried:
    """One test function, its subtests included."""

    name: str
    verdict: Verdict | None = None
    output: list[str] = field(default_factory=list)
    seconds: float = 0

    @property
    def promise(self) -> str:
        words = re.findall(r"KiB|OAuth2?|\d+[a-z]*|[A-Z]{2,}s?(?![a-z])|[A-Z]?[a-z]+|[A-Z]", self.name.removeprefix("Test"))
        said = " ".join(word if re.search("[A-Z].*[A-Z]", word) else word.lower() for word in words)
        return said[:1].upper() + said[1:]

    def reason(self) -> str:
        return next((line.partition("not checkable here: ")[2].strip() for line in self.output if "not checkable here: " in line), "")

    def seen(self) -> list[tuple[str, str]]:
        """(row of docs/aws.md, what was seen)."""
        found = (re.search(r"\bsaw ([^:]+): (.*)", line) for line in self.output)
        return [(match[1], match[2]) for match in found if match]


@dataclass
class Run:
    url: str
    name: str
    began: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    tried: dict[str, Tried] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)  # the output outside of the tests
    sent: int = 0
    ended: str = ""  # the reason, if the suite ended early
    cleaned: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def take(self, event: dict) -> Tried | None:
        """Takes an event of test2json. Returns a test when it ends."""
        action, whole = event["Action"], event.get("Test", "")
        if not whole:
            self._outside(event)
            return None
        test = self.tried.setdefault(whole.partition("/")[0], Tried(whole.partition("/")[0]))
        if action == "output":
            test.output.append(event["Output"].rstrip())
        elif action in ("pass", "fail", "skip"):
            self._end(test, action)
            if whole == test.name:
                test.seconds = event.get("Elapsed", 0)
                return test
        return None

    def _outside(self, event: dict) -> None:
        text = event.get("Output", "").strip()
        if match := re.match(r"sent (\d+) requests", text):
            self.sent = int(match[1])
        elif text:
            self.words.append(text)

    def _end(self, test: Tried, action: str) -> None:
        """A test has the worst result of its parts: if a part could not be checked, the test is not kept."""
        order = [None, Verdict.KEPT, Verdict.UNCHECKED, Verdict.BROKEN]
        verdict = {"pass": Verdict.KEPT, "fail": Verdict.BROKEN, "skip": Verdict.UNCHECKED}[action]
        test.verdict = max(test.verdict, verdict, key=order.index)

    def of(self, verdict: Verdict) -> list[Tried]:
        return [test for test in self.tried.values() if test.verdict is verdict]

    def last_words(self) -> str:
        return next((word for word in reversed(self.words) if word not in ("PASS", "FAIL")), "")

    @property
    def counted(self) -> str:
        return f"{self.sent:,} requests" if self.sent else "requests not counted, since it was cut short"

    @property
    def troubles(self) -> list[str]:
        """Faults apart from the promises."""
        untried = sum(test.verdict is None for _, tests in _by_topic(self) for test in tests)
        uncleaned = [said for said in self.cleaned if said.startswith(("failed", "the administrator"))]
        return [self.ended] * bool(self.ended) + [f"{untried} promises were not tried"] * bool(untried) + uncleaned + self.complaints

    @property
    def failures(self) -> int:
        return len(self.of(Verdict.BROKEN)) + len(self.troubles)


def line(test: Tried) -> str:
    reason = f" ({test.reason()})" if test.reason() else ""
    return f"{test.verdict.value:>18}  {test.promise}{reason}  {test.seconds:.1f} s"


def summary(run: Run) -> str:
    lines = [""]
    for test in run.of(Verdict.BROKEN):
        lines += [f"NOT KEPT: {test.promise} ({test.name})", *(f"    {text.strip()}" for text in _errors(test))]
    lines += [f"{row}: {what}" for row, what in _seen(run)]
    lines += ["", *run.cleaned, *run.troubles]
    kept, broken, unchecked = (len(run.of(verdict)) for verdict in Verdict)
    lines += ["", f"{kept} promises kept, {broken} not kept, {unchecked} not checkable here; {run.counted}"]
    return "\n".join(lines)


def markdown(run: Run) -> str:
    kept, broken, unchecked = (len(run.of(verdict)) for verdict in Verdict)
    minutes = (datetime.now(timezone.utc) - run.began).total_seconds() / 60
    parts = [f"# {run.url}\n\nRun {run.name}, {run.began:%Y-%m-%d %H:%M} UTC, {minutes:.0f} minutes, {run.counted}. "
             f"{kept} promises kept, {broken} not kept, {unchecked} not checkable here."]
    parts += [f"**{trouble}**" for trouble in run.troubles]
    parts.append("## What was promised")
    for topic, tests in _by_topic(run):
        rows = [f"| {test.promise} | `{test.name}` | {_cell(test)} |" for test in tests]
        parts.append("\n".join([f"### {topic}\n", "| Promise | Test | |", "|---|---|---|", *rows]))
    if run.of(Verdict.BROKEN):
        parts.append("## What was not kept")
        parts += [f"`{test.name}`\n\n```\n" + "\n".join(_errors(test)) + "\n```" for test in run.of(Verdict.BROKEN)]
    parts.append("## What AWS alone can show")
    parts.append("\n".join(["| docs/aws.md | Seen |", "|---|---|", *(f"| {row} | {what} |" for row, what in _seen(run))]))
    parts.append("\n".join(["| Marked † | Settled by |", "|---|---|", *(f"| {text} | {how} |" for text, how in marked(run))]))
    parts.append("\n".join(["## What the run made\n", *(f"- {said}" for said in run.cleaned)]))
    return "\n\n".join(parts) + "\n"


def unsettled() -> list[str]:
    """The marked lines that DEPLOYMENT does not know, for `make check`."""
    return [f"docs/{text}: {how}" for text, how in marked(Run("", "")) if how == UNKNOWN]


def marked(run: Run) -> list[tuple[str, str]]:
    """Each line marked †, as (the words before the mark, what was seen or why nothing can be seen)."""
    rows = []
    for name in MARKED:
        for text in (ROOT / "docs" / name).read_text().splitlines():
            if "†" in text and not any(words in text for words in EXPLAINS_THE_MARK):
                row = re.match(r"\| (\w+) \|", text)
                how = f"row {row[1]}" if row else next((how for words, how in DEPLOYMENT.items() if words in text), UNKNOWN)
                seen = [what for which, what in _seen(run) if which == how]
                title = f"{name}, {how}" if row else f"{name}: …{text.partition('†')[0][-90:]}"
                rows.append((title.replace("|", "/"), "; ".join(seen) or how))
    return rows


def _cell(test: Tried) -> str:
    return test.verdict.value + (f": {test.reason()}" if test.reason() else "") if test.verdict else "not tried"


def _errors(test: Tried) -> list[str]:
    noise = re.compile(r"\s*(=== |--- PASS|saw )")
    return [text for text in test.output if not noise.match(text) and " saw " not in text]


def _seen(run: Run) -> list[tuple[str, str]]:
    seen = [seen for test in run.tried.values() for seen in test.seen()]
    return sorted(seen, key=lambda row: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", row[0])])


def _by_topic(run: Run) -> list[tuple[str, list[Tried]]]:
    """In the order of the suite's files, each of which is a topic."""
    topics = []
    for path in sorted(SUITE.glob("*_test.go")):
        names = re.findall(r"^func (Test\w+)\(t \*testing\.T\)", path.read_text(), re.MULTILINE)
        tests = [run.tried.get(name, Tried(name)) for name in names]
        if tests:
            stem = path.name.removesuffix("_test.go")
            topics.append((TOPICS.get(stem, stem.replace("_", " ").capitalize()), tests))
    return topics
