"""Each JavaScript and TypeScript rule speaks about its mistake, and not about its likeness."""

import pytest

from core.analyzers.rules import javascript
from core.analyzers.rules.rule import Rule
from tests.core.analyzer_examples import Examples, fired

EXAMPLES: Examples = {
    "sql-from-values": (
        "db.query(`SELECT * FROM users WHERE email = '${email}'`);",
        (
            "db.query(sql`SELECT * FROM users WHERE email = ${email}`);"
            "db.query('SELECT * FROM users WHERE email = $1', [email]);"
        ),
    ),
    "eval-of-value": (
        "const f = new Function('x', body); eval(text); setTimeout('go(' + x + ')', 5);",
        "setTimeout(() => go(x), 5); setTimeout(go, 5); eval('1');",
    ),
    "html-from-value": (
        "box.innerHTML = `<b>${name}</b>`;",
        (
            "box.innerHTML = '<b>x</b>'; box.textContent = name; "
            "box.innerHTML = DOMPurify.sanitize(name);"
        ),
    ),
    "shell-from-values": (
        "const { exec } = require('child_process');\nexec(`tar xf ${file}`);",
        (
            "const { execFile } = require('child_process');\nexecFile('tar', ['xf', file]); "
            "const m = pattern.exec(`a ${b}`.trim());"
        ),
    ),
    "tls-not-verified": (
        "new https.Agent({ rejectUnauthorized: false });",
        "new https.Agent({ rejectUnauthorized: true, ca });",
    ),
    "guessable-secret": (
        "const sessionToken = Math.random().toString(36);",
        "const jitter = Math.random() * 100;",
    ),
    "jwt-not-verified": (
        "jwt.verify(token, key, { algorithms: ['none'] });",
        "jwt.verify(token, key, { algorithms: ['RS256'] });",
    ),
    "cors-for-everyone": (
        "app.use(cors({ origin: true, credentials: true }));",
        "app.use(cors({ origin: ['https://a.example'], credentials: true }));",
    ),
    "promise-floating": (
        "async function save(x) {}\nfunction handle(r) {\n  save(r);\n  r.end();\n}",
        (
            "async function save(x) {}\nasync function handle(r) {\n  await save(r);\n"
            "  void save(r);\n  save(r).catch(log);\n}\nsave(1);"
        ),
    ),
    "foreach-async": (
        "items.forEach(async (item) => { await send(item); });",
        "items.forEach((item) => send(item));",
    ),
    "promise-async-executor": (
        "new Promise(async (resolve) => { resolve(await load()); });",
        "new Promise((resolve) => { setTimeout(resolve, 5); });",
    ),
    "effect-async": (
        "useEffect(async () => { setUser(await load()); }, []);",
        "useEffect(() => { load().then(setUser); }, []);",
    ),
    "return-without-await-in-try": (
        (
            "async function load() {}\nasync function get() {\n"
            "  try { return load(); } catch (e) { return null; }\n}"
        ),
        (
            "async function load() {}\nasync function get() {\n"
            "  try { return await load(); } catch (e) { return load(); }\n}"
        ),
    ),
    "map-parseint": ("xs.map(parseInt);", "xs.map((x) => parseInt(x, 10)); xs.map(Number);"),
    "compared-with-nan": ("if (x === NaN) stop();", "if (Number.isNaN(x)) stop();"),
    "unknown-typeof": (
        "if (typeof x === 'undefned') stop();",
        "if (typeof x === 'undefined' || typeof y === 'object') stop();",
    ),
    "assigned-in-condition": (
        "if (user.role = 'admin') grant();",
        "while ((match = next())) use(match); if (user.role === 'admin') grant();",
    ),
    "indexof-as-boolean": (
        "if (roles.indexOf('admin')) grant();",
        "if (roles.indexOf('admin') >= 0) grant(); if (~roles.indexOf('a')) grant();",
    ),
    "result-dropped": ("name.trim();", "name = name.trim(); show(name.trim());"),
    "coerced-comparison": ("if (count == 0) stop();", "if (count == null || x === 0) stop();"),
    "await-in-loop": (
        "async function f() { for (const id of ids) { await send(id); } }",
        (
            "async function f() { for (const id of ids) { const r = await send(id); "
            "if (r) break; }\nfor await (const x of stream) { await use(x); } }"
        ),
    ),
    "empty-catch": (
        "try { save(); } catch (e) {}",
        "try { save(); } catch (e) { /* the cache is optional */ }",
    ),
}


@pytest.mark.parametrize("path", ["src/a.js", "src/a.ts", "src/a.tsx"])
@pytest.mark.parametrize("rule", javascript.RULES, ids=lambda rule: rule.id)
def test_rule_speaks_about_its_mistake_alone(rule: Rule, path: str) -> None:
    mistake, fine = EXAMPLES[rule.id]
    assert rule.id in fired(mistake, path)
    assert fired(fine, path) == set()


@pytest.mark.parametrize("path", ["src/a.jsx", "src/a.tsx"])
def test_markup_is_recognised_in_jsx(path: str) -> None:
    assert fired("const a = <p dangerouslySetInnerHTML={{ __html: text }} />;", path) == {
        "html-from-value"
    }
    assert fired("const a = <p>{text}</p>;", path) == set()


def test_promise_of_a_method_is_recognised() -> None:
    code = "class A {\n  async save() {}\n  close() {\n    this.save();\n  }\n}"
    assert fired(code, "a.ts") == {"promise-floating"}
