"""Puts a label on each container, so that all of them can be found and removed together, also after sam local was killed."""

from samcli.local.docker.container import Container

from sam_strict.internals import replace


def install(label: str) -> None:
    name, _, value = label.partition("=")

    def create(original, container, *arguments, **named):
        container._labels = (container._labels or {}) | {name: value}
        return original(container, *arguments, **named)

    replace(Container, "create", create)
