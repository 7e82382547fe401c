"""A strict local Slack in memory: the playground's, and that of the flow tests.

In reading order: `records` and `world` (the state), `wire` and `arguments` (a request's way in),
`kit` and `content` (what a message may be), `methods` (the Web API), `answers` (`response_url`),
`outgoing` and `courier` (what the app is sent), `control`, `snapshot` and `driver` (the hand that
moves it), `application` and `server` (the process). It shares no code with `core` or `slack`, so
that it can prove them wrong.
"""
