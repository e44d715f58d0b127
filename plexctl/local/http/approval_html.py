"""The text of the approval page. Every value in it is escaped, and the browser is forbidden all but the style."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape

from plexctl.local.control.base.relations import Principal
from plexctl.local.control.signin.approval import Asked, Decision
from plexctl.local.control.signin.device_grant import PAGE

_SHOWN = 40  # characters of a code that somebody typed
_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1rem; }
dt { opacity: .75; }
dd { margin: 0; overflow-wrap: anywhere; }
label { display: block; margin: 1rem 0 .3rem; }
input { font: inherit; padding: .5rem; width: 100%; box-sizing: border-box; }
button { font: inherit; padding: .5rem 1.2rem; margin: 1rem .5rem 0 0; cursor: pointer; }
code, .code { font-family: ui-monospace, monospace; }
.code { font-size: 1.6rem; letter-spacing: .1em; }
.complaint { border-left: .3rem solid #c33; padding-left: .8rem; }
.who { opacity: .75; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def page(content: str, operator: Principal | None) -> str:
    """Write the whole document around its content."""
    who = f'<p class="who">Signed in as {escape(operator.name)}.</p>' if operator else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Sign in to plexsphere</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"{content}{who}</main>\n</body>\n</html>\n"
    )


def sign_in(user_code: str, csrf_token: str) -> str:
    """Write the form for the operator's bearer."""
    return (
        "<h1>Sign in to plexsphere</h1>\n"
        "<p>A device asks to be signed in. Sign in first to see what it asks for.</p>\n"
        f'<form method="post" action="{PAGE}">\n{_hidden(csrf_token, user_code[:_SHOWN])}'
        '<label for="bearer">Bearer token, as <code>plexctl local token</code> prints it</label>\n'
        '<input id="bearer" name="bearer" type="password" autocomplete="off" required autofocus>\n'
        '<button name="action" value="sign-in">Sign in</button>\n</form>\n'
    )


def code_entry() -> str:
    """Write the form for the code that the device shows."""
    return (
        f'<h1>Which device?</h1>\n<form method="get" action="{PAGE}">\n'
        '<label for="user_code">Code that the device shows, such as ABCD-EFGH</label>\n'
        '<input id="user_code" name="user_code" autocomplete="off" spellcheck="false" required autofocus>\n'
        "<button>Continue</button>\n</form>\n"
    )


def question(asked: Asked, csrf_token: str) -> str:
    """Write what a device asks for, with a button for each decision."""
    domain = f"{asked.domain_name} ({asked.domain_id})" if asked.domain_name else asked.domain_id
    facts = {"Domain": domain, "Asked by": asked.client or "a client without a name", "At": asked.requested_at}
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>\n" for name, value in facts.items())
    return (
        "<h1>Sign this device in?</h1>\n"
        f'<p class="code">{escape(asked.user_code)}</p>\n<dl>\n{rows}</dl>\n'
        "<p>Approve only if your own terminal shows this code. Whoever started the request can then act as you.</p>\n"
        f'<form method="post" action="{PAGE}">\n{_hidden(csrf_token, asked.user_code)}'
        '<button name="action" value="approve">Approve</button>\n'
        '<button name="action" value="deny">Deny</button>\n</form>\n'
    )


def decided(decision: Decision) -> str:
    """Write what has been decided."""
    if decision == "approved":
        return "<h1>Approved</h1>\n<p>The device is signed in within seconds. You can close this page.</p>\n"
    return "<h1>Denied</h1>\n<p>The device is not signed in. You can close this page.</p>\n"


def complaint(detail: str) -> str:
    """Write why a request was refused."""
    return f'<p class="complaint" role="alert">{escape(detail[:1].upper() + detail[1:])}.</p>\n'


def _hidden(csrf_token: str, user_code: str) -> str:
    return (
        f'<input type="hidden" name="csrf_token" value="{escape(csrf_token)}">\n'
        f'<input type="hidden" name="user_code" value="{escape(user_code)}">\n'
    )
