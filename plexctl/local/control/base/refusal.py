"""The one exception by which a rule refuses; the HTTP API and the signer each translate it once."""

from plexctl.local.control.base.reasons import Reason


class Refusal(Exception):  # noqa: N818  a refusal is an answer, not a malfunction
    """A rule refused; nothing was changed.

    `detail` says which value was refused and what holds; without one, it is the reason's own. `extensions` are
    further members that the answer carries (`child_counts`).
    """

    def __init__(self, reason: Reason, detail: str | None = None, /, **extensions: object) -> None:
        self.reason = reason
        self.detail = reason.detail if detail is None else detail
        self.extensions = extensions
        super().__init__(self.detail)

    @property
    def code(self) -> str:
        """The machine-readable reason, such as `token_consumed`."""
        return self.reason.code
