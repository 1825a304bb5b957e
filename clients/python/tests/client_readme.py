"""Runs each example of the README as printed, against a real deployment. unittest."""

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

from stack import TestCase

README = (Path(__file__).parents[1] / "README.md").read_text()
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


class Readme(TestCase):
    def test_every_example_runs_and_prints_something(self) -> None:
        self.assertEqual(len(EXAMPLES), README.count("```python"))
        environment = os.environ | {"API_KEY": self.key("read:events", "write:events")["key"]}
        for example in EXAMPLES:
            with self.subTest(example=example):
                done = subprocess.run([sys.executable, "-c", example], env=environment, capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertNotEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
