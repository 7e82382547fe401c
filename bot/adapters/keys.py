"""The only place that spells Redis keys.

Lua scripts get the same names as a table (`lua_names`), so that a key is spelled once. The
scripts reach keys they compute themselves; one server or a replicated one is fine, a sharded
cluster is not.
"""

PREFIX = "argus:v1:"
LASTING = f"{PREFIX}s:"
"""State that must survive: never evicted, append-only."""
CACHE = f"{PREFIX}c:"
"""What may be lost at any time; can live in a second server."""
DRAMATIQ = f"{PREFIX}q"
"""Namespace of Dramatiq's own keys."""

_NAMES = {
    # Jobs, by `<repo_id>:<number>`.
    "job": "job:",  # hash: the wish, the run, the counters
    "asked": "asked:",  # hash: origins that wait for the next run
    "run": "run:",  # hash: origins that the current run answers
    "done": "done:",  # hash, by `<job>:<head>`: the outcome of each ordinal
    "memory": "memory:",  # string, by job: what was read and found, for the next review
    "words": "words:",  # hash, by job: people's words on its findings; by repository: on rules
    "paused": "paused:",  # string, by job: who wants no automatic reviews of it, since when
    "turns_of": "turns_of:",  # zset, by what is bounded: who had a turn lately, by when
    "received": "received:",  # hash, by job: what became of its findings, as it was counted
    "reception": "reception:",  # hash, by repository or all: what became of findings, by rule
    # Indexes of jobs.
    "jobs": "jobs",  # zset: all, by last change
    "later": "later",  # zset: waiting, by the time they become due
    "due": "due",  # zset: due now, by the time they became due
    "leases": "leases",  # zset: running, by the end of the lease
    "dead": "dead",  # zset: given up, by when
    "aside": "aside",  # zset: dead because a newer version wrote them, by its schema
    "sweep": "sweep",  # hash: how far the search for what has passed got in `jobs`, and when
    "suspect": "suspect",  # string: the job that crashed before and runs apart from such others
    # Fairness: installations in turn, then their repositories, then jobs by age.
    "ring": "ring",  # zset: installations with due jobs, by their last turn
    "ring_inst": "ring:i:",  # zset, by installation: repositories, by their last turn
    "ring_repo": "ring:r:",  # zset, by `<installation>:<repository>`: due jobs, by age
    # What makes a repeated call recognisable.
    "event": "event:",  # string, by delivery: token of the call, and its answer
    "claim": "claim:",  # string, by token of the call: what it claimed
    # Limits and numbers.
    "limits": "limits",  # zset, by `<kind>:<whose>`: buckets, by when they are full again
    "totals": "totals",  # hash: what happened, counted since the first day
    # The outbox, rows by `<job>|<kind>|<target>`.
    "row": "row:",  # hash: desired state, receipt, sender
    "rows": "rows",  # zset: rows to send, by when
    "orders": "orders",  # zset: rows of what people said, to be carried out, by when
    "told": "told:",  # zset, by job: Slack requests whose messages stand, by when
    "tempo": "tempo",  # hash: how long runs took lately
    # Slack.
    "follows": "follows:",  # hash, by channel: its subscriptions, by repository
    "followers": "followers:",  # hash, by repository: the same, by channel
    "mutes": "mutes:",  # hash, by channel: what it is spared, and until when
    "cards": "cards:",  # hash, by job: channels that show it, as origins
    "thread": "thread:",  # string, by channel and message: what its thread is about
    "heard": "heard:",  # string, by event: it was seen to
    # What is set right at GitHub.
    "looked": "looked:",  # string, by duty: not due again while it lasts
    "reached": "reached",  # string: up to when failed deliveries were seen to
    "attended": "attended",  # zset: failed deliveries that were seen to, by when
    "listening": "listening",  # zset: idle pull requests whose comments are read again, by when
    "doubts": "doubts",  # zset: pull requests whose reviews are looked at again, by when
    # What the operator set while Argus runs.
    "settings": "settings:",  # hash, by scope: settings by dotted key
    "settings_log": "settings_log",  # list: changes of settings, newest first
    # Whom people are on GitHub.
    "identity": "identity:",  # string, by person: the account that they linked, sealed
    "identity_turn": "identity_turn:",  # string, by person: who changes it now
    "sign_in": "sign_in:",  # string, by ticket: a sign-in under way, sealed
    # Workers.
    "worker": "worker:",  # string, by worker: its last heartbeat
    "workers": "workers",  # zset: workers, by last heartbeat
    "leader": "leader:",  # string, by duty: who leads
    # What all processes keep to together.
    "pace": "pace:",  # hash, by who paces: until when it is closed, its even pace, guesses
    "turns": "turns:",  # zset, by who paces: turns of the last hour, by when
    "paces": "paces",  # zset: who paces, by when it is forgotten
    "breaker": "breaker:",  # hash, by `<kind>:<name>`: failures in a row, until when it is open
    "breakers": "breakers",  # zset: breakers that saw failures, by when they are forgotten
    # What operators watch.
    "figures": "figures",  # hash: what processes counted and timed
    "alarms": "alarms",  # hash, by name: alarms that are raised
    "probe": "probe",  # string: written to see whether writes are taken
}


def lasting(name: str, *parts: str) -> str:
    """Return a lasting key; `parts` complete the names that end in a colon."""
    return f"{LASTING}{_NAMES[name]}{':'.join(parts)}"


def of_dramatiq(queue: str) -> str:
    """Return the key of one of Dramatiq's own queues."""
    return f"{DRAMATIQ}:{queue}"


def cached(name: str) -> str:
    """Return the key of a cache entry."""
    return f"{CACHE}{name}"


def lua_names() -> str:
    """Return the names as the Lua table `KEY`."""
    entries = ", ".join(f"{name} = '{LASTING}{key}'" for name, key in _NAMES.items())
    return f"local KEY = {{{entries}}}\n"
