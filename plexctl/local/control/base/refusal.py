"""How a rule says no: one exception, which the HTTP API and the signer each translate once."""


class Refusal(Exception):  # noqa: N818  a refusal is an answer, not a malfunction
    """A rule refused; nothing was changed.

    `code` is the machine-readable reason (`token_consumed`), `detail` says which value was refused and what holds;
    `extensions` are further members that the answer carries (`child_counts`).
    """

    def __init__(self, code: str, detail: str, **extensions: object) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.extensions = extensions
