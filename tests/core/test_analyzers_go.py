"""Each Go rule speaks about its mistake, and not about the code that resembles it."""

import pytest

from core.analyzers.rules import go
from core.analyzers.rules.rule import Rule
from tests.core.analyzer_examples import Examples, fired


def in_function(body: str) -> str:
    return f"package a\n\nfunc f() error {{\n{body}\n}}\n"


EXAMPLES: Examples = {
    "sql-from-values": (
        in_function("q := fmt.Sprintf(\"SELECT * FROM users WHERE name = '%s'\", name)"),
        in_function('q := fmt.Sprintf("SELECT * FROM %s WHERE id = $1 LIMIT %d", table, n)'),
    ),
    "tls-not-verified": (
        in_function("c := &tls.Config{InsecureSkipVerify: true}"),
        in_function("c := &tls.Config{RootCAs: pool}"),
    ),
    "shell-from-values": (
        in_function('exec.Command("sh", "-c", "tar xf "+file).Run()'),
        in_function('exec.Command("tar", "xf", file).Run(); exec.Command("sh", "-c", "ls").Run()'),
    ),
    "guessable-secret": (
        'package a\nimport "math/rand"\nfunc f() { token := rand.Int63() }',
        'package a\nimport "math/rand"\nfunc f() { delay := rand.Int63() }',
    ),
    "weak-password-hash": (
        in_function("h := sha256.Sum256([]byte(password))"),
        in_function("h := sha256.Sum256(blob)"),
    ),
    "error-discarded": (
        in_function("n, _ := strconv.Atoi(s)"),
        in_function("n, err := strconv.Atoi(s)\nif err != nil { return err }\nv, _ := cache[s]"),
    ),
    "error-not-looked-at": (
        in_function("json.NewDecoder(r.Body).Decode(&v)"),
        in_function("fmt.Println(v)\nio.Copy(&buf, r)\nreturn json.Unmarshal(b, &v)"),
    ),
    "error-overwritten": (
        in_function("a, err := load()\nb, err := read()\nif err != nil { return err }"),
        in_function("a, err := load()\nerr = wrap(err)\nif err != nil { return err }"),
    ),
    "close-before-check": (
        in_function(
            "resp, err := http.Get(u)\ndefer resp.Body.Close()\nif err != nil { return err }"
        ),
        in_function(
            "resp, err := http.Get(u)\nif err != nil { return err }\ndefer resp.Body.Close()"
        ),
    ),
    "cancel-discarded": (
        in_function("ctx, _ := context.WithTimeout(parent, time.Second)"),
        in_function("ctx, cancel := context.WithTimeout(parent, time.Second)\ndefer cancel()"),
    ),
    "defer-in-loop": (
        in_function("for _, p := range ps {\nf := open(p)\ndefer f.Close()\n}"),
        in_function("for _, p := range ps {\nfunc() {\nf := open(p)\ndefer f.Close()\n}()\n}"),
    ),
    "body-not-closed": (
        in_function("resp, err := http.Get(u)\nif err != nil { return err }\nuse(resp.StatusCode)"),
        in_function("resp, err := http.Get(u)\nif err != nil { return err }\nreturn read(resp)"),
    ),
    "rows-not-closed": (
        in_function("rows, err := db.Query(q)\nif err != nil { return err }\nfor rows.Next() {}"),
        in_function("rows, err := db.Query(q)\nif err != nil { return err }\ndefer rows.Close()"),
    ),
    "lock-not-released": (
        in_function("s.mu.Lock()\ns.n++"),
        in_function("s.mu.Lock()\ndefer s.mu.Unlock()\ns.n++"),
    ),
    "waitgroup-add-inside": (
        in_function("go func() {\nwg.Add(1)\ndefer wg.Done()\n}()\nwg.Wait()"),
        in_function("wg.Add(1)\ngo func() {\ndefer wg.Done()\n}()\nwg.Wait()"),
    ),
    "nil-map-write": (
        in_function("var seen map[string]int\nseen[key] = 1"),
        in_function("var seen map[string]int\nseen = make(map[string]int)\nseen[key] = 1"),
    ),
    "timer-in-loop": (
        in_function("for {\nselect {\ncase <-time.After(d):\nreturn nil\ncase <-c:\n}\n}"),
        in_function("select {\ncase <-time.After(d):\nreturn nil\ncase <-c:\n}"),
    ),
}


@pytest.mark.parametrize("rule", go.RULES, ids=lambda rule: rule.id)
def test_rule_speaks_about_its_mistake_alone(rule: Rule) -> None:
    mistake, fine = EXAMPLES[rule.id]
    assert rule.id in fired(mistake, "shop/orders.go")
    assert fired(fine, "shop/orders.go") == set()


def test_dropped_errors_are_fine_in_tests() -> None:
    mistake, _ = EXAMPLES["error-discarded"]
    assert fired(mistake, "shop/orders_test.go") == set()
