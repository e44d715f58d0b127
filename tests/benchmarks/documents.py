"""A yaml document of 1,000 rows, against PyYAML's own emitter in Python."""

from collections.abc import Iterator

import yaml

from plexctl.render.document import as_yaml
from tests.benchmarks.measuring import Ratio, ratio, seconds
from tests.benchmarks.samples import listed_tokens


def measure() -> Iterator[Ratio]:
    page = {"items": listed_tokens()}
    own, peer = seconds(
        lambda: list(as_yaml(page)),
        lambda: yaml.dump(page, Dumper=yaml.SafeDumper, sort_keys=False, allow_unicode=True),
    )
    yield ratio("yaml, 1,000 rows", "yaml.SafeDumper", "wall", own, peer)
