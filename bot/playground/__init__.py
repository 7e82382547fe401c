"""A local GitHub and a local Slack that refuse what the real ones refuse, and a page to watch.

`run` starts them where there are no credentials; the flow tests use the same ones.
"""
