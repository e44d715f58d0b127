"""A yaml document of 1,000 rows, against PyYAML's own emitter in Python."""

import json
from collections.abc import Iterator

import yaml

from plexctl.render import yaml as yaml_blocks
from plexctl.render.document import as_yaml
from plexctl.render.yaml_scalar import string
from tests.benchmarks.measuring import Ratio, ratio, seconds
from tests.benchmarks.samples import listed_tokens


def measure() -> Iterator[Ratio]:
    page = {"items": listed_tokens()}
    sent = json.dumps(page).encode()

    def own_yaml() -> None:
        for cached in (yaml_blocks._scalar_member, string):  # a run begins without them
            cached.cache_clear()
        list(as_yaml(sent))

    own, peer = seconds(
        own_yaml,
        lambda: yaml.dump(page, Dumper=yaml.SafeDumper, sort_keys=False, allow_unicode=True),
    )
    yield ratio("yaml, 1,000 rows", "yaml.SafeDumper", "wall", own, peer)
