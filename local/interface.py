"""The OpenAPI document in the hands of the tools that others use: linters that find nothing, generators whose clients compile and
work, and a collection for Postman and Bruno whose requests newman sends.

`make check` has those that send no request. fuzz.py calls the others with the document that its stack serves. These also alone, against
what `make start` runs: `.local/venvs/ministack/bin/python local/interface.py`.
"""

import os
import re
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

import envfile
import gotest
import maven
import node
import venvs
from console import main, say, together
from gotest import Totals
from settings import LOCAL, ROOT, developer_stack, plain_environment

SOURCE = ROOT / "functions" / "openapi" / "openapi.json"
TOOLS = ROOT / "tests" / "openapi"
FOLDER = LOCAL / "openapi"
COLLECTION = FOLDER / "latchkey.postman_collection.json"
SECONDS = 300
POMS = ("generator", "java")
# A client in Go or Java has one name for created_at and createdAt; docs/openapi.md shows this option.
NAMES = "createdAt=createdAtToo,startedAt=startedAtToo"
# What openapi-generator says of every document of its version, and that it shows no example of a page in HTML.
SAID_ALWAYS = ("OpenAPI 3.1 support is still in beta", "Failed to get the schema name: null", "No application/json content media type",
               "Could not compute datatypeWithEnum from", "Ignoring complex example on request body")


def jobs() -> list:
    """The jobs (for console.together) that download what is missing."""
    libraries = [job for name in POMS for job in maven.jobs(f"openapi-{name}", TOOLS / name / "pom.xml", _libraries(name))]
    return venvs.jobs("fuzz") + node.jobs(TOOLS) + libraries


def linters() -> dict:
    """For `make check`: the linters, and the generators whose clients only have to compile."""
    together(jobs())
    checks = {"Redocly": _redocly, "Spectral": _spectral, "orval": _orval, "openapi-generator, Go": _go, "openapi-generator, Java": _java}
    document = FOLDER / "openapi.json"
    FOLDER.mkdir(parents=True, exist_ok=True)
    document.write_text(SOURCE.read_text().replace("https://api.example.com", "https://api.latchkey.test"))  # a deployment writes its own
    return {name: lambda check=check: check(document) for name, check in checks.items()}


def test(document: Path, values: dict[str, str]) -> Totals:
    """For `make fuzz`: what sends requests to the stack that serves the document."""
    together(jobs())
    totals = Totals()
    for name, check in {"openapi-python-client": lambda: _python(document.resolve(), values),
                        "newman": lambda: _run(["node", TOOLS / "collection.js", document, COLLECTION], values)}.items():
        began, found = time.monotonic(), check()
        say(f"{'FAIL' if found else 'ok  '}  {name}  {time.monotonic() - began:.0f} s" + (f"\n{found}" if found else ""))
        totals.add(Totals(passed=int(not found), failed=int(bool(found))))
    return totals


def _redocly(document: Path) -> str:
    return _run([_tool("redocly"), "lint", "--format=summary", "--max-problems=1000", document], {"REDOCLY_TELEMETRY": "off"},
                wrong=r"^(?:warning|error) .*")


def _spectral(document: Path) -> str:
    return _run([_tool("spectral"), "lint", "--quiet", "--fail-severity=hint", "--ruleset", TOOLS / ".spectral.yaml", document])


def _orval(document: Path) -> str:
    client = _empty("orval")
    made = _run([_tool("orval"), "--config", TOOLS / "orval.config.cjs"], {"DOCUMENT": str(document), "FOLDER": str(client)},
                wrong=r".*[Ww]arn.*")
    return made or _run([_tool("tsc"), "--noEmit", "--strict", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler",
                         "--lib", "es2022,dom,dom.iterable", *client.glob("*/*.ts")])


def _python(document: Path, values: dict[str, str]) -> str:
    """Bodies of lines of JSON are sent without it; each of these routes takes a single line as JSON too."""
    settings = _empty("python") / "settings.yaml"
    settings.write_text("package_name_override: client\npost_hooks: []\n")
    said = _output([venvs.tool("fuzz", "openapi-python-client"), "generate", "--path", document, "--meta", "none", "--config", settings,
                    "--output-path", settings.parent / "client"])
    known = [r"WARNING parsing POST /v1/\w+/import within \w+\.", r"Unsupported content type application/jsonl"]
    warned = [line for line in said.stdout.splitlines()
              if re.match(r"WARNING|ERROR|Unsupported|Unable|Cannot|Failure", line) and not any(re.fullmatch(k, line) for k in known)]
    wrong = "\n".join(warned) or (said.stdout if said.returncode else "")
    return wrong or _run([venvs.python("fuzz"), TOOLS / "python_client.py", FOLDER / "python"], values)


def _go(document: Path) -> str:
    client = _empty("go")
    made = _generated(document, "go", client)
    shutil.copy(TOOLS / "go" / "go.sum", client)
    return made or _run(["go", "build", "./"], {"GOFLAGS": f"{os.environ.get('GOFLAGS', '')} -mod=mod"}, client)


def _java(document: Path) -> str:
    client = _empty("java")
    made = _generated(document, "java", client)
    sources = client / "sources"
    sources.write_text("\n".join(str(path) for path in (client / "src" / "main").rglob("*.java")))
    compiler = [*maven.java(), "javac", *(f"-J{option}" for option in maven.SHORT)]
    return made or _run([*compiler, "-nowarn", "-proc:none", "-cp", f"{_libraries('java')}/*", "-d", client / "classes", f"@{sources}"])


def _generated(document: Path, language: str, client: Path) -> str:
    [generator] = _libraries("generator").glob("*.jar")
    done = _output([*maven.java(), "java", *maven.SHORT, "-jar", generator, "generate", "-i", document, "-g", language, "-o", client,
                    "--name-mappings", NAMES])
    warned = [line for line in done.stdout.splitlines() if re.search(r"WARN|ERROR", line) and not any(text in line for text in SAID_ALWAYS)]
    return "\n".join(warned) or (done.stdout if done.returncode else "")


def _run(command: list, variables: dict[str, str] | None = None, folder: Path = TOOLS, wrong: str = "") -> str:
    """Returns the output if the command fails, or prints a line that is wrong."""
    done = _output(command, variables, folder)
    if done.returncode or (wrong and re.search(wrong, done.stdout, re.MULTILINE)):
        return done.stdout.strip() or f"exit {done.returncode}"
    return ""


def _output(command: list, variables: dict[str, str] | None = None, folder: Path = TOOLS) -> subprocess.CompletedProcess:
    return subprocess.run([str(part) for part in command], cwd=folder, env=plain_environment() | {"NO_COLOR": "1"} | (variables or {}),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS)


def _tool(name: str) -> Path:
    return TOOLS / "node_modules" / ".bin" / name


def _empty(name: str) -> Path:
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _libraries(name: str) -> Path:
    return LOCAL / "openapi-lib" / name


def _alone() -> int:
    values = envfile.read(developer_stack().env_file)
    FOLDER.mkdir(parents=True, exist_ok=True)
    document = FOLDER / "openapi.json"
    document.write_bytes(urllib.request.urlopen(f"{values['API_URL']}/openapi.json", timeout=30).read())
    return gotest.conclude(test(document, os.environ | values))


if __name__ == "__main__":
    main(_alone)
