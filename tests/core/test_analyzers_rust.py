"""Each Rust rule speaks about its mistake, and not about the code that resembles it."""

import pytest

from core.analyzers.rules import rust
from core.analyzers.rules.rule import Rule
from tests.core.analyzer_examples import Examples, fired


def in_async(body: str) -> str:
    return f"async fn run(m: &Mutex<u8>) -> Result<(), E> {{\n{body}\nOk(())\n}}\n"


def in_function(body: str) -> str:
    return f"fn run() -> Result<(), E> {{\n{body}\nOk(())\n}}\n"


EXAMPLES: Examples = {
    "sql-from-values": (
        in_function("let q = format!(\"SELECT * FROM users WHERE name = '{}'\", name);"),
        in_function(
            'let q = format!("SELECT {} FROM {table} WHERE id = $1", columns);\n'
            'let r = format!("DELETE FROM a WHERE b IN ({})", placeholders);\n'
            "let s = sqlx::query!(\"SELECT a FROM b WHERE c = 'd' AND e = $1\", e);"
        ),
    ),
    "shell-from-values": (
        in_function('Command::new("sh").arg("-c").arg(format!("tar xf {}", file)).spawn()?;'),
        in_function(
            'Command::new("tar").arg("xf").arg(format!("{}.tar", name)).spawn()?;\n'
            'Command::new("sh").arg("-c").arg("ls | wc").spawn()?;'
        ),
    ),
    "tls-not-verified": (
        in_function("let c = Client::builder().danger_accept_invalid_certs(true).build()?;"),
        in_function("let c = Client::builder().danger_accept_invalid_certs(false).build()?;"),
    ),
    "jwt-not-verified": (
        in_function("validation.insecure_disable_signature_validation();"),
        in_function("validation.set_issuer(&issuers);"),
    ),
    "weak-password-hash": (
        in_function("let h = Sha256::digest(password.as_bytes());"),
        in_function("let h = Sha256::digest(&blob);"),
    ),
    "guessable-secret": (
        in_function("let session_token = fastrand::u64(..);"),
        in_function("let jitter = fastrand::u64(..);\nlet token = OsRng.next_u64();"),
    ),
    "archive-leaves-folder": (
        (
            "use zip::ZipArchive;\nfn unpack(dir: &Path) {\n"
            "  let out = dir.join(file.name());\n  write(out);\n}"
        ),
        (
            "use zip::ZipArchive;\nfn unpack(dir: &Path) {\n"
            "  let Some(name) = file.enclosed_name() else { return };\n"
            "  let out = dir.join(file.name());\n}\nfn other() { let p = dir.join(name); }"
        ),
    ),
    "guard-dropped-at-once": (
        in_function("let _ = state.lock().unwrap();\nchange();"),
        in_function(
            "let _guard = state.lock().unwrap();\nlet _ = rx.recv();\n"
            'let _ = state.lock().expect("poisoned").insert(1);'
        ),
    ),
    "lock-held-while-waiting": (
        in_async("let guard = m.lock().unwrap();\nsend(*guard).await?;"),
        in_async(
            "let a = m.lock().unwrap();\ndrop(a);\nsend(1).await?;\n"
            "let b = m.lock().await;\nsend(*b).await?;\n"
            "let c = m.lock().unwrap().clone();\nsend(c).await?;\n"
            "{ let d = m.lock().unwrap(); use_it(*d); }\nsend(2).await?;\n"
            "let e = m.lock().unwrap();\nlet later = async move { send(3).await };"
        ),
    ),
    "locked-twice": (
        in_function(
            "match cache.lock().unwrap().get(&k) {\n"
            "  Some(v) => use_it(v),\n  None => { cache.lock().unwrap().insert(k, 1); }\n}"
        ),
        in_function(
            "let found = cache.lock().unwrap().get(&k).cloned();\n"
            "match found { Some(v) => v, None => { cache.lock().unwrap().insert(k, 1); } }\n"
            "if let Some(v) = cache.lock().unwrap().get(&k) { other.lock().unwrap().go(v); }\n"
            "if cache.lock().unwrap().is_empty() { cache.lock().unwrap().insert(k, 1); }"
        ),
    ),
    "blocking-in-async": (
        in_async("std::thread::sleep(WAIT);"),
        in_async("tokio::task::spawn_blocking(|| std::thread::sleep(WAIT)).await?;")
        + in_function("std::thread::sleep(WAIT);"),
    ),
    "future-not-awaited": (
        "async fn send(x: u8) {}\nfn run() {\n  let _ = send(1);\n}",
        "async fn send(x: u8) {}\nasync fn run() {\n  send(1).await;\n  let _ = other(1);\n}",
    ),
    "error-discarded": (
        in_function("let _ = fs::write(path, text);"),
        in_function("let _ = fs::remove_file(path);\nfs::write(path, text)?;\ntx.commit()?;")
        + "impl Drop for A { fn drop(&mut self) { let _ = self.file.sync_all(); } }",
    ),
    "old-tail-kept": (
        in_function("let f = OpenOptions::new().write(true).create(true).open(path)?;"),
        in_function(
            "let f = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;\n"
            "let g = OpenOptions::new().write(true).create(true).append(true).open(path)?;\n"
            "let h = OpenOptions::new().read(true).write(true).create(true).open(path)?;\n"
            "let i = OpenOptions::new().write(true).open(path)?;"
        ),
    ),
    "count-ignored": (
        "use std::io::{self, Write};\n" + in_function("stream.write(message.as_bytes())?;"),
        "use std::io::{self, Read, Write};\n"
        + in_function(
            "stream.write_all(&buf)?;\nlet n = stream.read(&mut buf)?;\nstate.write().unwrap();\n"
            "total += stream.write(&buf)?;\nwriter.write(&event)?;\nn = stream.write(&buf)?;"
        ),
    ),
    "uninitialised-elements": (
        in_function("let mut v: Vec<u8> = Vec::with_capacity(n);\nunsafe { v.set_len(n); }"),
        in_function(
            "let mut v: Vec<u8> = Vec::with_capacity(n);\nfill(&mut v);\nunsafe { v.set_len(n) }"
        ),
    ),
    "uninitialised-value": (
        in_function("let x: T = unsafe { std::mem::uninitialized() };"),
        in_function("let mut x = MaybeUninit::<T>::uninit();\nx.write(1);")
        + in_function(
            "let a: [MaybeUninit<T>; 4] = unsafe { MaybeUninit::uninit().assume_init() };"
        ),
    ),
    "not-a-number-panics": (
        in_function("xs.sort_by(|a, b| a.partial_cmp(b).unwrap());"),
        in_function(
            "xs.sort_by(|a, b| a.total_cmp(b));\n"
            "xs.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));"
        ),
    ),
    "hash-unlike-equality": (
        "#[derive(Debug, Hash)]\npub struct Key { a: u8 }\nimpl PartialEq for Key {}",
        (
            "#[derive(Debug, Hash, PartialEq)]\nstruct Key { a: u8 }\n"
            "#[derive(Debug)]\nstruct Other { a: u8 }\nimpl PartialEq for Other {}\n"
            "impl Hash for Other {}"
        ),
    ),
}


@pytest.mark.parametrize("rule", rust.RULES, ids=lambda rule: rule.id)
def test_rule_speaks_about_its_mistake_alone(rule: Rule) -> None:
    mistake, fine = EXAMPLES[rule.id]
    assert rule.id in fired(mistake, "src/orders.rs")
    assert fired(fine, "src/orders.rs") == set()


@pytest.mark.parametrize(
    "start",
    [
        "#[cfg(test)]\nmod tests {\n    use super::*;\n",
        "mod a {\n    #[tokio::test]\n    async fn b() {\n",
        "mod a {\n    #[test]\n    // what it is about\n    #[ignore]\n    fn b() {\n",
    ],
)
def test_unit_tests_beside_the_code_are_tests(start: str) -> None:
    mistake = "fn f() {\n  Client::builder().danger_accept_invalid_certs(true);\n}\n"
    assert fired(start + mistake + "}" * start.count("{"), "src/a.rs") == set()
    assert fired(f"mod a {{\n{mistake}\n}}", "src/a.rs") == {"tls-not-verified"}


@pytest.mark.parametrize(
    "code",
    [
        'let q = format!("SELECT a FROM b WHERE c = {id}");',
        'let q = format!(r#"UPDATE a SET b = "{}" WHERE c = 1"#, b);',
        'let q = "DELETE FROM a WHERE b = \'".to_string() + &b + "\'";',
    ],
)
def test_sql_is_recognised_however_it_is_put_together(code: str) -> None:
    assert fired(f"fn f() {{ {code} }}", "a.rs") == {"sql-from-values"}
