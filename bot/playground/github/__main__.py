"""`python -m bot.playground.github`: serve a local GitHub until SIGTERM.

Prints one line of JSON with its address once the port is bound.
"""

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path

import uvicorn

from bot.playground.github.application import GitHub
from bot.playground.github.server import config, listen


def main(arguments: list[str]) -> None:
    """Serve on loopback."""
    parser = argparse.ArgumentParser(prog="python -m bot.playground.github")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--data", type=Path, required=True, help="folder for the repositories")
    parser.add_argument("--web-url", default="", help="address that pages are said to have")
    given = parser.parse_args(arguments)
    given.data.mkdir(parents=True, exist_ok=True)
    bound = listen(given.port)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    server = uvicorn.Server(config(GitHub(given.data, url, given.web_url)))
    bound.listen()
    sys.stdout.write(json.dumps({"url": url, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()
    asyncio.run(server.serve(sockets=[bound]))


if __name__ == "__main__":
    main(sys.argv[1:])
