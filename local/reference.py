"""The pages of reference, made of what they are about: the OpenAPI document, the command line's own help, the template, the programs.

They are made with the site, and nowhere else, so none can be out of date.
"""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import cfn
import reference_routes
from console import Failure
from reference_routes import cell
from settings import LOCAL, ROOT, TEMPLATE, plain_environment

COMMAND = LOCAL / "bin" / "latchkey-of-the-site"
SUBCOMMAND = re.compile(r"^  (\S+) ", re.MULTILINE)
MEASURED = re.compile(r'\{Name: "(\w+)", Unit: metric\.(\w+),[^}]*?(?:By: "(\w+)")?\}')
MEANS = {
    "CacheFlushFailures": "a revocation that some API's authorizer cache may still ignore",
    "CatalogueRefused": "a catalogue of scopes that has a mistake or could not be read",
    "Crashes": "a function that crashed, could not start or ran out of time",
    "Latency": "how long a request of Latchkey's own API took in its function",
    "Leaks": "a credential that a scanner found in public, and that was revoked",
    "Limited": "a request that got 429: over its limit or its quota",
    "LoginsRefused": "a wrong password or second factor",
    "Requests": "a request of Latchkey's own API",
    "RotationFailures": "a secret that was not rotated",
    "UsesCounted": "uses of keys that were added up",
    "UsesDelay": "how long after its request a use was counted",
    "UsesRejected": "a line of the log that looks like a key's use and is none",
    "VerificationLatency": "how long the check of a credential took",
    "Verifications": "a check of a credential",
}
LIMITED = re.compile(r'return "(\w+)"')


def pages() -> dict[str, str]:
    """Markdown by the path of the page."""
    template = cfn.load(TEMPLATE)
    return reference_routes.pages() | {
        "reference/commands.md": _commands(),
        "reference/parameters.md": _parameters(template),
        "reference/metrics.md": _metrics(template),
    }


def _commands() -> str:
    subprocess.run(["go", "build", "-o", COMMAND, "./clients/latchkey"], cwd=ROOT, check=True, env=plain_environment())
    with ThreadPoolExecutor() as pool:
        first = _help(())
        chapters = [chapter for family in pool.map(_family, [(name,) for name in _below(first)]) for chapter in family]
    text = ["# Commands", "", "What `latchkey --help` prints, and each of its commands.", "", *_block(first)]
    for words, said in chapters:
        text += [f"{'#' * (len(words) + 1)} latchkey {' '.join(words)}", "", *_block(said)]
    return "\n".join(text)


def _family(words: tuple[str, ...]) -> list[tuple[tuple[str, ...], str]]:
    said = _help(words)
    return [(words, said)] + [chapter for name in _below(said) for chapter in _family((*words, name))]


def _help(words: tuple[str, ...]) -> str:
    done = subprocess.run([COMMAND, *words, "--help"], env=plain_environment(), capture_output=True, text=True)
    if done.returncode or not done.stdout:
        raise Failure(f"latchkey {' '.join(words)} --help ends with {done.returncode}: {done.stderr}")
    return done.stdout


def _below(said: str) -> list[str]:
    _, _, listed = said.partition("\nAvailable Commands:\n")
    return [name for name in SUBCOMMAND.findall(listed.partition("\n\n")[0] + "\n") if name not in ("help", "completion")]


def _block(said: str) -> list[str]:
    return ["```text", said.rstrip(), "```", ""]


def _parameters(template: dict) -> str:
    text = ["# Parameters", "", "Of `template.yaml`, for `sam deploy --parameter-overrides Name=Value`. Each has a default.", "",
            "| Parameter | Default | What it does |", "|---|---|---|"]
    for name, parameter in template["Parameters"].items():
        default = parameter["Default"]
        text.append(f"| `{name}` | {_value(default)} | {cell(parameter['Description'])}{_bounds(parameter)} |")
    text += ["", "## Outputs", "", "| Output | What it is |", "|---|---|"]
    text += [f"| `{name}` | {cell(output.get('Description', 'The name that the deployment gave it.'))} |" for name, output in
             template["Outputs"].items()]
    return "\n".join([*text, ""])


def _value(value: object) -> str:
    return f"`{cell(value)}`" if value != "" else "empty"


def _bounds(parameter: dict) -> str:
    if "AllowedValues" in parameter:
        return f" One of {', '.join(map(_value, parameter['AllowedValues']))}."
    low, high = parameter.get("MinValue"), parameter.get("MaxValue")
    if high is not None:
        return f" From {low} to {high}."
    return f" At least {low}." if low is not None else ""


def _metrics(template: dict) -> str:
    alarms = {name.removesuffix("Alarm"): resource["Properties"] for name, resource in template["Resources"].items()
              if resource["Type"] == "AWS::CloudWatch::Alarm"}
    text = ["# Metrics and alarms", "", "[Operations](../operations.md#alarms) says what each alarm means and what to do.", "",
            "## Metrics", "", "In the namespace `Latchkey`, with the dimension `stack`. Those that are counted in the log are in "
            "`Latchkey/<stack>`.", "", "| Metric | What it measures | Unit | Also by | Alarms |", "|---|---|---|---|---|"]
    for name, unit, by in sorted(_measured() | _counted(template)):
        watching = ", ".join(f"`{alarm}`" for alarm, values in alarms.items() if re.search(rf"'{name}'", str(values)))
        if name not in MEANS:
            raise Failure(f"local/reference.py does not say what the metric {name} means")
        text.append(f"| `{name}` | {MEANS[name]} | {unit} | {by} | {watching} |")
    text += ["", "## Alarms", "", "| Alarm | It fires when | Of |", "|---|---|---|"]
    text += [f"| `{alarm}` | {cell(values['AlarmDescription']).removeprefix('Latchkey: ')} | {_source(values)} |"
             for alarm, values in alarms.items()]
    return "\n".join([*text, ""])


def _measured() -> set[tuple[str, str, str]]:
    """What the programs measure. The log of requests counts some refusals by names of its own."""
    programs = [path.read_text() for folder in ("shared", "functions", "authorizer") for path in (ROOT / folder).rglob("*.go")
                if not path.name.endswith("_test.go")]
    named = {found for text in programs for found in MEASURED.findall(text)}
    log = (ROOT / "shared" / "gateway" / "log.go").read_text().partition("func metricOf")[2]
    return named | {(name, "Count", "") for name in LIMITED.findall(log.partition("\n}")[0])}


def _counted(template: dict) -> set[tuple[str, str, str]]:
    return {(transformation["MetricName"], "Count", "") for resource in template["Resources"].values()
            if resource["Type"] == "AWS::Logs::MetricFilter" for transformation in resource["Properties"]["MetricTransformations"]}


def _source(values: dict) -> str:
    if "MetricName" not in values:
        return "a sum of several metrics"
    namespace = values["Namespace"] if isinstance(values["Namespace"], str) else "Latchkey"
    return f"`{cell(namespace)}` `{values['MetricName']}`, {values['Threshold']} in {values['Period']} s"
