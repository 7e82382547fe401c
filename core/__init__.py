"""The shared review core; it knows no HTTP, no Redis and no environment.

In reading order: `models` (the nouns: who asks, the diff, what is read, what is claimed, how it
ends), `ports` (what the core needs from outside), `intake` (the only door to the queue), `review`
(the use case, which reads like a table of contents) and then the step you are curious about:
`selection`, `analyzers`, `prompts`, `reviewer`, `anchoring`, `findings`, `coverage`.
"""
