"""The fixture `latchkey`: your API, guarded, for all tests of a session.

The template is `template.yaml` in the root of the tests' project, or what `latchkey_template` in pytest's settings says.
"""

from collections.abc import Iterator

import pytest

from latchkey import testing


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("latchkey_template", "the SAM template that the fixture `latchkey` serves", default="template.yaml")


@pytest.fixture(scope="session")
def latchkey(pytestconfig: pytest.Config) -> Iterator[testing.Stack]:
    """Your API, guarded by Latchkey, with a credential of each kind: a latchkey.testing.Stack."""
    with testing.start(pytestconfig.rootpath / pytestconfig.getini("latchkey_template")) as stack:
        yield stack
