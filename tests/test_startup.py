"""Start-up is a feature: what a run imports is on a list, and a new module is put there knowingly or not at all."""

import socket
from collections.abc import Collection, Sequence

import pytest

from plexctl.tree import TREE
from tests.fake_server import answer
from tests.imports import Imports, Run, imports_of
from tests.long_mode import pick
from tests.tree import VALID, leaves

NODE = VALID["UUID"]

# Beside Click and what it imports. Of the standard library only public names: the private ones are its own affair.
ALWAYS = {
    "gc",
    "plexctl",
    "plexctl.command",
    "plexctl.failures",
    "plexctl.grammar",
    "plexctl.help_page",
    "plexctl.invocation",
    "plexctl.main",
    "plexctl.options",
    "plexctl.outcome",
    "plexctl.settings",
    "plexctl.settings.defaults",
    "plexctl.settings.environment",
    "plexctl.streams",
    "plexctl.tree",
    "plexctl.usage_errors",
    "plexctl.values",
    "signal",
}
COLUMNS = {
    "plexctl.render",
    "plexctl.render.colour",
    "plexctl.render.table",
    "plexctl.render.text",
}
HELP = {"click._textwrap", "locale", "textwrap"}
TOPICS = {"plexctl.topics"}
EXIT_TABLE = {"plexctl.exit_codes"}
SETTINGS = {
    "plexctl.settings.config",
    "plexctl.settings.credential",
    "plexctl.settings.profile_choice",
    "plexctl.settings.resolve",
}
COMPLAINT = {
    "locale",
    "plexctl.render",
    "plexctl.render.document",
    "plexctl.render.failure",
    "plexctl.render.secrets",
    "plexctl.render.text",
}
# Click looks for similar names as soon as one is unknown, and takes every short flag for an unknown long one at first.
SIMILAR = {"difflib", "heapq"}
JSON = {"json"}
YAML = {
    *JSON,
    "base64",
    "binascii",
    "cython_runtime",
    "plexctl.payload",
    "plexctl.render.yaml",
    "plexctl.render.yaml_scalar",
    "struct",
    "yaml",
}
COMPLETION = {"plexctl.completion", "plexctl.completion.answer", "plexctl.completion.position"}
PATHS = {"fnmatch", "glob", "grp", "ipaddress", "math", "ntpath", "pathlib", "pwd", "urllib"}
GIT = {"fcntl", "locale", "math", "select", "selectors", "subprocess"}
VERSION = GIT | {"plexctl.version"}

REPEATED = {placed.words[0] for placed in leaves() if placed.is_repeated}
PAGED = {placed.words[0] for placed in leaves() if placed.is_paged}
LOCAL = {f"plexctl.commands.local_{name}" for name in ("family", "fleet", "lesson", "options", "plane", "use")}
OF_FAMILY = {
    "help": TOPICS,
    "completion": {"plexctl.completion", "plexctl.completion.scripts"},
    "local": COLUMNS | PATHS | LOCAL | {"copy", "dataclasses", "plexctl.payload"},
}


def family(name: str) -> set[str]:
    """What a family's own module brings."""
    paging = {"plexctl.listing"} if name in PAGED else set()
    paging |= {"plexctl.repeating"} if name in REPEATED else set()
    return {"plexctl.commands", TREE[name].module} | OF_FAMILY.get(name, COLUMNS | paging)


def completing(words: str) -> Run:
    return Run(words, {"_PLEXCTL_COMPLETE": "1"})


NAMES = [name for name in TREE if name != "help"]
# A family's leaves share its module, so usually one is tried; the local family has more modules than one.
HELPFUL = pick(
    [
        *{
            leaf.words[0] if leaf.words[0] != "local" else leaf.name: leaf for leaf in leaves() if leaf.name != "help"
        }.values()
    ],
    [leaf for leaf in leaves() if leaf.name != "help"],
)
QUICK = [
    (Run("--version"), VERSION),
    (Run("peer list --version"), VERSION | family("peer")),
    (Run(""), HELP | TOPICS),
    (Run("--help"), HELP | TOPICS),
    (Run("help"), HELP | SETTINGS | family("help")),
    (Run("help exit-codes"), HELP | SETTINGS | EXIT_TABLE | family("help")),
    (Run("help peer list"), HELP | SETTINGS | family("help") | family("peer")),
    (Run("peer"), HELP | family("peer")),
    *((Run(f"{name} --help"), HELP | family(name)) for name in NAMES),
    *((Run(f"{leaf.name} --help"), HELP | family(leaf.words[0])) for leaf in HELPFUL),
    (completing("plexctl pe"), COMPLETION),
    (completing("plexctl --ou"), COMPLETION),
    *((completing(f"plexctl {name} "), COMPLETION | family(name)) for name in NAMES),
    (completing("plexctl peer list --do"), COMPLETION | family("peer")),
    (completing("plexctl bootstrap-token issue --kind "), COMPLETION | family("bootstrap-token")),
    (Run("", {"_PLEXCTL_COMPLETE": "zsh_source"}), COMPLETION),
    (Run("", {"_PLEXCTL_COMPLETE": "fish_source"}), COMPLETION),
    # Click looks for bash and asks it for its version, and shutil brings the compressors along
    (Run("", {"_PLEXCTL_COMPLETE": "bash_source"}), COMPLETION | {"bz2", "fnmatch", "lzma", "shutil", "zlib"} | GIT),
]
REFUSED = [
    (Run("pere"), SIMILAR),
    (Run("--servre x"), SIMILAR),
    (Run("--server"), set()),
    (Run("--server nonsense"), set()),
    (Run("help exit-cods"), SIMILAR | SETTINGS | family("help")),
    (Run("peer lits"), SIMILAR | family("peer")),
    (Run("peer list --domian x"), SIMILAR | family("peer")),
    (Run("peer list --domain X_"), family("peer")),
    (Run("signing rotate --scope x --new-key-id k"), family("signing")),
    (Run("project create --sub-range x"), {"ipaddress"} | family("project")),
    (Run(f"project delete {NODE}"), PATHS | SETTINGS | family("project")),
    (Run(f"project update {NODE}"), SETTINGS | family("project")),
    *((Run(f"{name} nonsense"), SIMILAR | family(name)) for name in NAMES),
]
JMESPATH = {"decimal", "jmespath", "math", "numbers", "plexctl.payload", "random", "string", "textwrap", *JSON}
CODEC = {"plexctl.codec", "msgspec"} | {
    f"plexctl.codec.{name}" for name in ("decoding", "exact", "interpreter", "library", "numeric", "parts", "query")
}
PARTS = [
    (Run("peer list --query ["), JMESPATH | CODEC | family("peer")),
    (Run(f"peer list --domain {NODE} --columns x"), {"plexctl.shape"} | SETTINGS | family("peer")),
    (Run(f"mesh topology --domain {NODE} -o name"), {"plexctl.shape"} | SIMILAR | SETTINGS | family("mesh")),
]
IN_FORM = [
    (Run("peer list --output text"), family("peer")),
    (Run("peer list --output json"), JSON | family("peer")),
    (Run("peer list --output yaml"), YAML | family("peer")),
]


@pytest.fixture(scope="module")
def click_modules():
    """What `import click` alone brings."""
    (found,) = imports_of([Run("click")], {})
    return found.modules


def unexpected(imports: Imports, allowed: Collection[str]) -> set[str]:
    """Tell which modules are on no list; plexctl's and Click's are listed one by one, others by their package."""
    own = {name for name in imports.modules if name.startswith(("plexctl", "click."))}
    others = {name.partition(".")[0] for name in imports.modules - own}
    return {name for name in own | others if not name.startswith("_")} - set(allowed)


def check(cases: Sequence[tuple[Run, set[str]]], click_modules: frozenset[str], tmp_path, code: int, extra: set[str]):
    found = imports_of([run for run, _ in cases], {"HOME": str(tmp_path)})
    everywhere = click_modules | ALWAYS | extra
    assert [run for (run, _), imports in zip(cases, found, strict=True) if imports.code != code] == []
    surplus = [(run, unexpected(imports, everywhere | own)) for (run, own), imports in zip(cases, found, strict=True)]
    wrong = [f"{run.line or run.variables} imports {sorted(modules)}" for run, modules in surplus if modules]
    assert wrong == [], "import it in the function that needs it, or list it in tests/test_startup.py, OF_FAMILY"


def test_help_version_and_completion_import_only_what_they_need(click_modules, tmp_path):
    check(QUICK, click_modules, tmp_path, 0, set())


def test_a_usage_error_imports_only_what_it_needs(click_modules, tmp_path):
    check(REFUSED, click_modules, tmp_path, 2, COMPLAINT)


def test_a_usage_error_imports_the_library_of_its_form(click_modules, tmp_path):
    check(IN_FORM, click_modules, tmp_path, 2, COMPLAINT)


def test_a_part_of_the_output_costs_only_who_asks_for_it(click_modules, tmp_path):
    check(PARTS, click_modules, tmp_path, 2, COMPLAINT)


def test_the_probe_sees_what_a_run_imports(tmp_path):
    (plain, yaml) = imports_of([Run("peer"), Run("peer list -o yaml")], {"HOME": str(tmp_path)})
    assert "plexctl.commands.peer" in plain.modules
    assert "yaml" in yaml.modules


def test_http_commands_never_import_grpc_nor_the_machinery_of_tls(server, tmp_path):
    server.play(answer(200, {"items": []}))
    environment = {"HOME": str(tmp_path), "PLEXSPHERE_URL": server.url, "PLEXSPHERE_TOKEN": "t"}
    (found,) = imports_of([Run("project list")], environment)
    assert found.code == 0
    assert "httpx" in found.modules
    assert not packages(found) & {"grpc", "google", "rich", "yaml", "sqlite3", "pygments", "typing_extensions"}
    assert "plexctl.clients.trust" not in found.modules
    assert not {name for name in found.modules if name.startswith("plexctl.local")}


def test_signing_never_imports_httpx(tmp_path):
    run = Run("signing rotate --scope platform --new-key-id k --timeout 200ms")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environment = {"HOME": str(tmp_path), "PLEXSPHERE_SIGNER_ENDPOINT": f"127.0.0.1:{silent.getsockname()[1]}"}
        (found,) = imports_of([run], environment)
    assert found.code == 1
    assert "grpc" in found.modules
    assert not packages(found) & {"httpx", "httpcore", "rich", "yaml", "sqlite3"}


def packages(imports: Imports) -> set[str]:
    return {name.partition(".")[0] for name in imports.modules}
