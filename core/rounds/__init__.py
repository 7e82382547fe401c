"""Rounds: what a later review reads, and what becomes of the findings of earlier ones.

In reading order: `agenda` (which blocks are unread), `places` (a finding's code found again),
`matching` (a claim that was made before), `settling` (the states, and the new memory).
All of it is pure; what is remembered is `core.models.PullMemory`.
"""
