"""Signing in with GitHub in a browser, to link an account to a person in Slack.

In reading order: `flow` (what happens, step by step), `endings` (how it may end), `pages` (what
the browser shows), `routes` (HTTP). Tokens and who people are belong to `github`, what Slack says
to `slack`.
"""
