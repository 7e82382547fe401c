"""What the browser shows while somebody signs in: plain pages without scripts; pure.

Nothing is loaded from anywhere, and the policy that travels with each page says so.
https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
"""

import base64
import hashlib
from html import escape
from typing import Final

from bot.sign_in.endings import WORDS, Ending
from bot.sign_in.flow import Both

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1f2328; --soft: #59636e; --paper: #f6f8fa;
  --card: #fff; --line: #d1d9e0; --go: #1a7f37; --go-ink: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #f0f6fc; --soft: #9198a1;
  --paper: #0d1117; --card: #151b23; --line: #3d444d; --go: #238636; --go-ink: #fff; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { width: 100%; max-width: 30rem; padding: 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem; }
h1 { margin: 0 0 .75rem; font-size: 1.375rem; line-height: 1.25; }
p { margin: 0 0 .75rem; overflow-wrap: anywhere; }
dl { margin: 1.25rem 0; border: 1px solid var(--line); border-radius: .5rem; }
dl div { display: flex; gap: 1rem; padding: .625rem 1rem; }
dl div + div { border-top: 1px solid var(--line); }
dt { flex: 0 0 5rem; color: var(--soft); }
dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; min-width: 0; }
form { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.25rem; }
button { font: inherit; font-weight: 600; padding: .5rem 1rem; border-radius: .5rem;
  border: 1px solid var(--line); background: transparent; color: inherit; cursor: pointer; }
button.go { background: var(--go); border-color: var(--go); color: var(--go-ink); }
button:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
small { display: block; margin-top: 1.25rem; color: var(--soft); }
""".strip()


def headers() -> dict[str, str]:
    """Return what travels with every page."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
        "x-robots-tag": "noindex",
    }


def agreement_page(both: Both, action: str) -> str:
    """Return the question whether these two belong together."""
    person, login = escape(both.person), escape(f"@{both.login}")
    return _page(
        "Link these two accounts?",
        f"<dl><div><dt>Slack</dt><dd>{person}</dd></div>"
        f"<div><dt>GitHub</dt><dd>{login}</dd></div></dl>"
        f"<p>In Slack, <strong>{person}</strong> can then see through Argus what "
        f"<strong>{login}</strong> may see on GitHub, and act with the same rights.</p>"
        "<p>Is one of them not you? Then decline: somebody may have sent you their link.</p>"
        f'<form method="post" action="{escape(action)}">'
        f'<input type="hidden" name="agreement" value="{escape(both.agreement)}">'
        '<button class="go" name="choice" value="link">Link them</button>'
        '<button name="choice" value="decline">Decline</button></form>',
    )


def ending_page(ending: Ending, request_id: str) -> str:
    """Return how it ended, and what to do next; trouble carries the id of its request."""
    words = WORDS[ending]
    trouble = ending not in {Ending.LINKED, Ending.DECLINED}
    told = f"<small>Request {escape(request_id)}</small>" if trouble and request_id else ""
    return _page(words.title, f"<p>{escape(words.what)}</p><p>{escape(words.next_step)}</p>{told}")


def _page(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Argus</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{content}</main></body></html>"
    )
