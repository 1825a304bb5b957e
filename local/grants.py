"""Lists each action that a function is granted but did not use in any test: a function should have no grant that it does not need.

The emulator refuses what is not granted (strict/iam.py), so a suite that passes shows the policies to be sufficient; this
shows them to be no wider.
"""

import json
import urllib.request

from console import say
from gotest import Totals
from settings import Stack


def check(stack: Stack, but: str) -> Totals:
    """Compares the grants of all functions deployed there with the calls that they made since the emulator started. `but` is the stack
    whose functions are left out."""
    with urllib.request.urlopen(f"{stack.endpoint}/_latchkey/grants", timeout=10) as response:
        grants = [grant for grant in json.load(response) if not grant["function"].startswith(f"{but}-")]
    unused = [grant for grant in grants if not grant["calls"]]
    for grant in unused:
        say(f"{grant['function']} may {grant['action']} on {grant['resource']}, which no test made it do")
    totals = Totals(passed=len(grants) - len(unused), failed=len(unused) or int(not grants))
    say(f"{'FAIL' if totals.failed else 'ok  '}  grants  {totals.passed} used, {len(unused)} unused")
    return totals
