"""The committed stubs are what the pinned generator makes of signing.proto, byte for byte."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STUBS = ("signing_pb2.py", "signing_pb2.pyi", "signing_pb2_grpc.py")


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    directory = tmp_path_factory.mktemp("generated")
    subprocess.run(
        [
            sys.executable, "-m", "grpc_tools.protoc", "-Iplexctl/signing/v1=proto/signing/v1",
            f"--python_out={directory}", f"--pyi_out={directory}", f"--grpc_python_out={directory}",
            "plexctl/signing/v1/signing.proto",
        ],
        cwd=ROOT, check=True,
    )  # fmt: skip
    return directory / "plexctl" / "signing" / "v1"


@pytest.mark.parametrize("name", STUBS)
def test_a_fresh_generation_is_identical(generated, name):
    assert (generated / name).read_bytes() == (ROOT / "plexctl" / "signing" / "v1" / name).read_bytes()


def test_nothing_else_is_generated(generated):
    assert sorted(path.name for path in generated.iterdir()) == sorted(STUBS)


def test_the_generator_is_the_pinned_one():
    assert f'"grpcio-tools=={version("grpcio-tools")}"' in (ROOT / "pyproject.toml").read_text()
