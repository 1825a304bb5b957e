"""Reads a CloudFormation template: YAML with the short forms of its functions (!Ref, !Sub, !GetAtt, …) written out."""

from pathlib import Path

import yaml


class _Loader(yaml.SafeLoader):
    """A separate class, so that other users of yaml do not get these tags."""


def load(path: Path) -> dict:
    return yaml.load(path.read_text(), _Loader)  # noqa: S506: a SafeLoader


def _function(loader: yaml.Loader, name: str, node: yaml.Node):
    value = {yaml.ScalarNode: loader.construct_scalar,
             yaml.SequenceNode: lambda n: loader.construct_sequence(n, deep=True),
             yaml.MappingNode: lambda n: loader.construct_mapping(n, deep=True)}[type(node)](node)
    if name in ("Ref", "Condition"):
        return {name: value}
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _function)
