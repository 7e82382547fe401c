"""The front end in Slack: receives commands, answers them, keeps one message a request current.

It imports `core` and never `github`; both meet in the core.
"""
