"""A strict local GitHub, backed by real git: the playground's, and that of the flow tests.

In reading order: `records` and `world` (the state), `objects`, `git` and `diffs` (what comes from
git), `wire`, `gate` and `routing` (a request's way in), `rules` (what GitHub refuses), `routes`
and `shapes` (the API), `acts` and `hooks` (what happens, and who is told), `control` and `driver`
(the hand that moves it), `application` and `server` (the process). It knows nothing of Argus: it
shares no code with `core` or `github`, so that it can prove them wrong.
"""
