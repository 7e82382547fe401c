"""Each Python rule speaks about its mistake, and not about the code that resembles it."""

import pytest

from core.analyzers.rules import python
from core.analyzers.rules.rule import Rule
from tests.core.analyzer_examples import Examples, fired

EXAMPLES: Examples = {
    "sql-from-values": (
        "db.execute(f\"SELECT * FROM users WHERE name = '{name}'\")",
        'db.execute(f"SELECT {columns} FROM {table} WHERE id IN ({placeholders})", ids)',
    ),
    "shell-from-values": (
        'subprocess.run(f"git log {branch}", shell=True)',
        'subprocess.run(["git", "log", branch]); os.system("clear")',
    ),
    "yaml-load": ("yaml.load(text)", "yaml.load(text, Loader=yaml.SafeLoader)"),
    "pickle-from-outside": ("pickle.loads(request.data)", "pickle.load(model_file)"),
    "eval-of-value": ("total = eval(formula)", 'model.eval(); eval("1 + 1")'),
    "tls-not-verified": (
        "requests.get(url, verify=False)",
        'requests.get(url, verify="ca.pem"); check(token, verify=False)',
    ),
    "mutable-default": (
        "def add(item, items=[]):\n    items.append(item)\n    return items",
        "def show(item, items=[]):\n    return [*items, item]",
    ),
    "bare-except-pass": (
        "try:\n    save()\nexcept:\n    pass",
        "try:\n    save()\nexcept:\n    log()\n    raise",
    ),
    "silent-except": (
        "try:\n    save()\nexcept Exception:\n    pass",
        "try:\n    save()\nexcept FileNotFoundError:\n    pass",
    ),
    "assert-on-tuple": ('assert (x > 0, "positive")', 'assert (x > 0), "positive"'),
    "is-with-literal": ('if mode is "fast": pass', "if mode is None or flag is True: pass"),
    "money-compared-as-float": (
        "if order.total == 19.99: pass",
        "if ratio == 0.5 or total == 0.0: pass",
    ),
    "naive-utc": ("now = datetime.utcnow()", "now = datetime.now(timezone.utc)"),
    "blocking-in-async": (
        "async def poll():\n    time.sleep(1)",
        "async def poll():\n    def wait():\n        time.sleep(1)\n    await to_thread(wait)",
    ),
    "coroutine-not-awaited": (
        "async def send(x): ...\nasync def main():\n    send(1)",
        "async def send(x): ...\nasync def main():\n    await send(1)\n    self.log.send(1)",
    ),
    "changed-while-walked": (
        "for user in users:\n    if user.old:\n        users.remove(user)",
        (
            "for user in list(users):\n    users.remove(user)\n"
            "for x in xs:\n    if x:\n        xs.remove(x)\n        break"
        ),
    ),
    "weak-password-hash": ("hashlib.sha256(password.encode())", "hashlib.sha256(blob)"),
    "guessable-secret": (
        'reset_token = "".join(random.choices(LETTERS, k=20))',
        "colour = random.choice(COLOURS)",
    ),
    "jwt-not-verified": (
        'jwt.decode(token, options={"verify_signature": False})',
        'jwt.decode(token, key, algorithms=["RS256"])',
    ),
    "result-dropped": ("name.strip()", "name = name.strip()"),
}


@pytest.mark.parametrize("rule", python.RULES, ids=lambda rule: rule.id)
def test_rule_speaks_about_its_mistake_alone(rule: Rule) -> None:
    mistake, fine = EXAMPLES[rule.id]
    assert rule.id in fired(mistake, "shop/orders.py")
    assert fired(fine, "shop/orders.py") == set()


@pytest.mark.parametrize(
    "code",
    [
        'q = "SELECT * FROM users WHERE name = \'" + name + "\'"',
        'q = "DELETE FROM users WHERE id = %s" % user_id',
        "q = \"SELECT a FROM t WHERE b = '{}'\".format(b)",
        'q = ("UPDATE users SET name = "\n     f"\'{name}\' WHERE id = 3")',
    ],
)
def test_sql_is_recognised_however_it_is_put_together(code: str) -> None:
    assert fired(code, "a.py") == {"sql-from-values"}


@pytest.mark.parametrize(
    "code",
    [
        'db.execute("SELECT * FROM users WHERE name = %s", (name,))',
        'log.info(f"select one from the list where x = {x}")',
        'q = f"SELECT * FROM users WHERE id = {int(user_id)}"',
        'q = f"SELECT * FROM users ORDER BY {order}, {columns}"',
    ],
)
def test_sql_with_bound_values_is_left_alone(code: str) -> None:
    assert fired(code, "a.py") == set()
