"""Each Java rule speaks about its mistake, and not about the code that resembles it."""

import pytest

from core.analyzers.rules import java
from core.analyzers.rules.rule import Rule
from tests.core.analyzer_examples import Examples, fired


def in_method(body: str, name: str = "run") -> str:
    return f"class A {{\n  void {name}() {{\n{body}\n  }}\n}}\n"


EXAMPLES: Examples = {
    "sql-from-values": (
        in_method('st.executeQuery("SELECT * FROM users WHERE name = \'" + name + "\'");'),
        in_method(
            'con.prepareStatement("SELECT * FROM users " + "WHERE name = ?").setString(1, n);'
        ),
    ),
    "command-from-values": (
        in_method('Runtime.getRuntime().exec("tar xf " + file);'),
        in_method('new ProcessBuilder("tar", "xf", file).start();'),
    ),
    "weak-password-hash": (
        in_method('MessageDigest.getInstance("MD5").digest(password.getBytes());'),
        in_method('MessageDigest.getInstance("MD5").digest(blob);'),
    ),
    "guessable-secret": (
        in_method("String resetToken = Long.toString(new Random().nextLong());"),
        in_method("int delay = new Random().nextInt(100);"),
    ),
    "object-deserialised": (
        in_method("Object o = new ObjectInputStream(in).readObject();"),
        in_method("ObjectInputStream o = new ObjectInputStream(in); o.setObjectInputFilter(f);"),
    ),
    "xml-external-entities": (
        in_method("DocumentBuilderFactory f = DocumentBuilderFactory.newInstance();"),
        in_method("var f = DocumentBuilderFactory.newInstance(); f.setFeature(NO_DTD, true);"),
    ),
    "weak-cipher": (
        in_method('Cipher.getInstance("AES");'),
        in_method('Cipher.getInstance("AES/GCM/NoPadding");'),
    ),
    "tls-not-verified": (
        "class T { public void checkServerTrusted(X509Certificate[] c, String a) {} }",
        (
            "class T { public void checkServerTrusted(X509Certificate[] c, String a)"
            " { inner.checkServerTrusted(c, a); } }"
        ),
    ),
    "string-identity": (
        in_method('if (role == "admin") grant();'),
        in_method('if ("admin".equals(role) || role == null) grant();'),
    ),
    "any-failure-hidden": (
        in_method("try { save(); } catch (Exception e) {}"),
        in_method("try { save(); } catch (Exception e) { log.warn(e); }"),
    ),
    "failure-hidden": (
        in_method("try { save(); } catch (IOException e) {}"),
        in_method("try { save(); } catch (IOException ignored) {}"),
    ),
    "interrupt-lost": (
        in_method("try { sleep(); } catch (InterruptedException e) { log.warn(e); }"),
        in_method(
            "try { sleep(); } catch (InterruptedException e) { currentThread().interrupt(); }"
        ),
    ),
    "resource-not-closed": (
        in_method("FileReader in = new FileReader(path); in.read();"),
        in_method(
            "try (FileReader in = new FileReader(path)) { in.read(); }\n"
            "FileReader out = new FileReader(path); use(out);"
        ),
    ),
    "stack-trace-printed": (
        in_method("try { save(); } catch (IOException e) { e.printStackTrace(); }"),
        in_method("try { save(); } catch (IOException e) { e.printStackTrace(writer); }"),
    ),
    "optional-get": (
        in_method("var user = users.stream().filter(u -> u.old()).findFirst().get();"),
        in_method("var user = users.stream().findFirst().orElseThrow(); map.get(); x.get();"),
    ),
    "decimal-from-double": (
        in_method("var fee = new BigDecimal(0.1);"),
        in_method('var fee = new BigDecimal("0.1"); var half = new BigDecimal(1);'),
    ),
    "date-format-shared": (
        'class A { private static final SimpleDateFormat F = new SimpleDateFormat("yyyy"); }',
        'class A { private final SimpleDateFormat format = new SimpleDateFormat("yyyy"); }',
    ),
    "equals-without-hash-code": (
        "class A { @Override public boolean equals(Object o) { return o == this; } }",
        (
            "class A { public boolean equals(Object o) { return o == this; }\n"
            " public int hashCode() { return 1; } }"
        ),
    ),
    "result-dropped": (in_method("name.trim();"), in_method("name = name.trim(); list.add(name);")),
}


@pytest.mark.parametrize("rule", java.RULES, ids=lambda rule: rule.id)
def test_rule_speaks_about_its_mistake_alone(rule: Rule) -> None:
    mistake, fine = EXAMPLES[rule.id]
    assert rule.id in fired(mistake, "src/main/java/shop/Orders.java")
    assert fired(fine, "src/main/java/shop/Orders.java") == set()
