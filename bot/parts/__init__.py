"""The parts that processes are composed of, opened and closed in one place each.

`bot.wiring` puts them together; nothing is connected before it is used.
"""

BOOT_SECONDS = 3.0
"""For what a start asks of others; a slow answer must not keep a process from starting."""
