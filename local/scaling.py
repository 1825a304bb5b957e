"""`make scaling`: measures what the functions cost, and writes the tables of docs/scaling.md.

`make scaling-sizes` first measures calls on tables of up to a million items: about seven minutes, and six GB of memory.
"""

import subprocess
import sys

import dynamodb_local
from console import Failure, main
from settings import ROOT, plain_environment

PACKAGE = "./tests/scaling"
DOCUMENT = ROOT / "docs" / "scaling.md"
MEASURE = {
    "scaling": ["-run=^TestFunctionsCostWhatTheTablesSay$"],
    "sizes": ["-run=^$", "-bench=^BenchmarkSizes$", "-benchtime=1x", "-timeout=30m"],
}


def _write() -> int:
    what = sys.argv[1]
    with dynamodb_local.running(memory="6g" if what == "sizes" else dynamodb_local.MEMORY) as endpoint:
        environment = plain_environment() | dynamodb_local.variables(endpoint) | {"SCALING_WRITE": "1"}
        if subprocess.run(["go", "test", "-count=1", "-v", *MEASURE[what], PACKAGE], cwd=ROOT, env=environment).returncode:
            raise Failure("the measurement failed")
    filled = subprocess.run(["go", "run", PACKAGE], cwd=ROOT, input=DOCUMENT.read_text(), stdout=subprocess.PIPE, text=True)
    if filled.returncode:
        raise Failure("the tables were not written")
    DOCUMENT.write_text(filled.stdout)
    return 0


if __name__ == "__main__":
    main(_write)
