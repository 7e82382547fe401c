"""`python -m bot.playground.slack`: serve a local Slack until SIGTERM.

Prints one line of JSON with its address once the port is bound.
"""

import argparse
import asyncio
import json
import os
import sys

import uvicorn

from bot.playground.github.server import listen
from bot.playground.slack.application import Slack
from bot.playground.slack.server import config


def main(arguments: list[str]) -> None:
    """Serve on loopback."""
    parser = argparse.ArgumentParser(prog="python -m bot.playground.slack")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    given = parser.parse_args(arguments)
    bound = listen(given.port)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    server = uvicorn.Server(config(Slack(url)))
    bound.listen()
    sys.stdout.write(json.dumps({"url": url, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()
    asyncio.run(server.serve(sockets=[bound]))


if __name__ == "__main__":
    main(sys.argv[1:])
