"""Shows that build.py, which compiles everything at once, makes what `sam build` makes: one function, compared byte by byte.

A step of `make test`; alone: `.local/venvs/ministack/bin/python local/sam_build.py`.
"""

import build
import gobuild
import venvs
from console import Failure, main, run_logged, say, step
from gotest import Totals
from settings import BUILD, LOCAL, ROOT, TEMPLATE, machine_architecture

FUNCTION, FOLDER = "AuthorizerFunction", "authorizer"
OUT = LOCAL / "build" / "sam-build"


def sam_build() -> Totals:
    build.build()
    OUT.mkdir(parents=True, exist_ok=True)
    template = OUT.parent / "sam-build.yaml"  # the template with this machine's architecture
    template.write_text(TEMPLATE.read_text().replace("Architectures: [arm64]", f"Architectures: [{machine_architecture()}]"))
    command = [venvs.tool("sam", "sam"), "build", FUNCTION, "--config-file", ROOT / "samconfig.toml", "--template", template,
               "--base-dir", ROOT, "--build-dir", OUT]
    try:
        with step("sam build makes the same binary"):
            run_logged(command, LOCAL / "log" / "sam-build.log", "sam build", cwd=ROOT, env=gobuild.environment())
            if (OUT / FUNCTION / "bootstrap").read_bytes() != (BUILD / "sam" / FOLDER / "bootstrap").read_bytes():
                raise Failure(f"sam build of {FUNCTION} is not what local/build.py makes")
    except Failure as failure:
        say(f"latchkey: {failure}")
        return Totals(failed=1)
    return Totals(passed=1)


if __name__ == "__main__":
    main(lambda: 1 if sam_build().failed else 0)
