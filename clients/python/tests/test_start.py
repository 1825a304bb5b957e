"""Starting the command, where nothing runs for a template."""

import pytest
from latchkey import testing


@pytest.fixture(autouse=True)
def nothing_is_sourced(monkeypatch):
    monkeypatch.delenv("LATCHKEY_GUARDED_URL", raising=False)


def test_a_start_that_fails_says_why_in_the_commands_words():
    with pytest.raises(testing.NotStarted, match="latchkey: there is no template /nowhere/template.yaml"):
        with testing.start("/nowhere/template.yaml"):
            pass


def test_without_latchkeys_folder_it_says_what_to_set(monkeypatch, tmp_path):
    monkeypatch.delenv("LATCHKEY_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(testing.NotStarted, match="set LATCHKEY_DIR"), testing.start("template.yaml"):
        pass
