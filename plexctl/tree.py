"""The root's commands as data, so that its help and completion import no command module."""

from typing import NamedTuple


class Entry(NamedTuple):
    """A command of the root: the module whose `command` it is, and its line of help."""

    module: str
    summary: str


TREE: dict[str, Entry] = {
    "login": Entry("plexctl.commands.login", "Sign in through a browser and store the token"),
    "logout": Entry("plexctl.commands.logout", "Revoke and remove the stored token"),
    "whoami": Entry("plexctl.commands.whoami", "Show who the token belongs to"),
    "domain": Entry("plexctl.commands.domain", "Create, list, show, change and delete Domains"),
    "project": Entry("plexctl.commands.project", "Create, list, show, change and delete Projects"),
    "resource": Entry("plexctl.commands.resource", "Adopt, list, show and delete the machines of a Project"),
    "bootstrap-token": Entry(
        "plexctl.commands.bootstrap_token", "Issue, list and revoke the tokens that Nodes enrol with"
    ),
    "node": Entry("plexctl.commands.node", "List and show the machines that have enrolled"),
    "state": Entry("plexctl.commands.state", "Show what is kept about a Node"),
    "peer": Entry("plexctl.commands.peer", "List, show and await the Nodes anchored in a mesh"),
    "mesh": Entry("plexctl.commands.mesh", "Show, check and draw the edges of a Domain's mesh"),
    "key": Entry("plexctl.commands.key", "Rotate a Node's mesh key"),
    "signing": Entry("plexctl.commands.signing", "Rotate the keys that sign the mesh event bus"),
    "api": Entry("plexctl.commands.api", "Send one request to any operation of the HTTP API"),
    "support": Entry("plexctl.commands.support", "Collect what support has to know"),
    "config": Entry("plexctl.commands.config", "Show and change the settings and the profiles"),
    "local": Entry("plexctl.commands.local", "Run a plexsphere on this machine, for learning and tests"),
    "completion": Entry("plexctl.commands.completion", "Print the completion script of a shell"),
    "help": Entry("plexctl.commands.help", "Explain a command or a topic"),
}
