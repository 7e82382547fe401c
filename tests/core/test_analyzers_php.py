"""Each PHP rule speaks about its mistake, and not about the code that resembles it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analyzers.php_code import php_alone
from core.analyzers.rules import php
from core.analyzers.rules.rule import Rule
from tests.core.analyzer_examples import Examples, fired

EXAMPLES: Examples = {
    "sql-from-values": (
        "$db->query(\"SELECT * FROM users WHERE name = '$name'\");",
        (
            '$db->prepare("SELECT * FROM {$wpdb->prefix}users WHERE name = ?");\n'
            '$q = "SELECT a FROM b WHERE c = " . (int) $c . " AND d IN ($placeholders)";\n'
            '$e = $db->quote($e);\n$r = "SELECT a FROM b WHERE e = $e";\n'
            '$s = "SELECT a FROM b WHERE c = \'" . Status::OPEN . "\'";'
        ),
    ),
    "shell-from-values": (
        'exec("tar xf $file");',
        (
            'exec("tar xf " . escapeshellarg($file));\n$f = escapeshellarg($x);\nexec("ls $f");\n'
            "exec('ls -l');\nexec(PHP_BINARY . ' -v');\n$pattern->exec(\"a $b\");"
        ),
    ),
    "eval-of-value": ("eval('return ' . $expression . ';');", "eval('return 1;');\n$x->eval($y);"),
    "object-deserialised": (
        "$cart = unserialize($_COOKIE['cart']);",
        (
            "$cart = unserialize($_COOKIE['cart'], ['allowed_classes' => false]);\n"
            "$cache = unserialize($row->value);"
        ),
    ),
    "tls-not-verified": (
        "curl_setopt($c, CURLOPT_SSL_VERIFYPEER, false);",
        (
            "curl_setopt($c, CURLOPT_SSL_VERIFYPEER, true);\n"
            "$client->get($url, ['verify' => $bundle]);\n$rules = ['checked' => false];"
        ),
    ),
    "weak-password-hash": (
        "$hash = hash('sha256', $user['password']);",
        "$hash = password_hash($password, PASSWORD_DEFAULT);\n$etag = md5($body);",
    ),
    "guessable-secret": (
        "$resetToken = md5(uniqid());",
        "$resetToken = bin2hex(random_bytes(32));\n$delay = mt_rand(1, 5);\n$file = uniqid();",
    ),
    "hashes-compared-loosely": (
        "if ($stored == md5($given)) grant();",
        "if (hash_equals($stored, md5($given))) grant();\nif ($stored === md5($given)) grant();",
    ),
    "xml-external-entities": (
        "$doc->loadXML($body, LIBXML_NOENT);",
        "$doc->loadXML($body, LIBXML_NONET);\nlibxml_disable_entity_loader(true);",
    ),
    "html-from-request": (
        "echo \"<b>{$_GET['q']}</b>\";",
        (
            "echo htmlspecialchars($_GET['q']);\necho $labels[$_GET['q']];\n"
            "echo $view->render('a', ['q' => $_GET['q']]);\necho (int) $_GET['page'];"
        ),
    ),
    "path-from-request": (
        "include 'pages/' . $_GET['page'] . '.php';",
        "include 'pages/' . basename($_GET['page']) . '.php';\nreadfile($path);",
    ),
    "variables-from-request": (
        "extract($_POST);",
        "extract($row);\nparse_str($query, $values);\nextract($_GET, EXTR_SKIP);",
    ),
    "redirect-to-parameter": (
        "header('Location: ' . $_GET['next']); exit;",
        "header('Location: /search?q=' . urlencode($_GET['q'])); exit;",
    ),
    "redirect-goes-on": (
        "if (!$user) {\n  header('Location: /login');\n}\ndelete_account();",
        (
            "if (!$user) {\n  header('Location: /login');\n  exit;\n}\ndelete_account();\n"
            "if ($done) {\n  header('Location: /done');\n} else {\n  show();\n}\n"
            "if ($a) {\n  header('Location: /a');\n  $this->terminate();\n}\nshow();"
        ),
    ),
    "upload-keeps-name": (
        "move_uploaded_file($_FILES['f']['tmp_name'], 'up/' . $_FILES['f']['name']);",
        "move_uploaded_file($_FILES['f']['tmp_name'], 'up/' . $id . '.png');",
    ),
    "condition-from-values": (
        "User::query()->whereRaw(\"name = '$name'\")->get();",
        (
            "User::query()->whereRaw('name = ?', [$name])->get();\n"
            'DB::raw("count($column) as n");\n$q->whereRaw("{$table}.id = other.id");'
        ),
    ),
    "position-as-boolean": (
        "if (strpos($url, 'http')) { visit($url); }",
        (
            "if (strpos($url, 'http') === 0) { visit($url); }\n"
            "if (strpos($url, 'x') !== false && $a) { visit($url); }\n$at = strpos($url, 'x');\n"
            "if (strpos(' ' . $url, 'x')) { visit($url); }"
        ),
    ),
    "assigned-in-condition": (
        "if ($role = 'admin') { grant(); }",
        "if ($role == 'admin') { grant(); }\nwhile ($row = next_row()) { show($row); }",
    ),
    "reference-left-over": (
        "foreach ($a as &$x) { $x++; }\nforeach ($b as $x) { show($x); }",
        (
            "foreach ($a as &$x) { $x++; }\nunset($x);\nforeach ($b as $x) { show($x); }\n"
            "foreach ($c as &$y) { $y++; }\nforeach ($d as &$y) { $y++; }\n"
            "foreach ($e as $k => &$v) { $v++; }\n$v = &$other;"
        ),
    ),
    "any-failure-hidden": (
        "try { save(); } catch (\\Exception $e) { }",
        (
            "try { save(); } catch (\\Exception $e) { /* the cache is optional */ }\n"
            "try { save(); } catch (NotFoundException $e) { }\n"
            "try { save(); } catch (Exception $ignored) { }"
        ),
    ),
    "write-silenced": (
        "@file_put_contents($path, $text);",
        "@unlink($path);\nif (@file_put_contents($path, $text) === false) { fail(); }",
    ),
}


@pytest.mark.parametrize("rule", php.RULES, ids=lambda rule: rule.id)
def test_rule_speaks_about_its_mistake_alone(rule: Rule) -> None:
    mistake, fine = EXAMPLES[rule.id]
    assert rule.id in fired(f"<?php\n{mistake}\n", "src/Orders.php")
    assert fired(f"<?php\n{fine}\n", "src/Orders.php") == set()


@pytest.mark.parametrize(
    "code",
    [
        "$q = 'SELECT a FROM b WHERE c = ' . $c;",
        "$q = sprintf(\"DELETE FROM a WHERE b = '%s'\", $b);",
        "$q = <<<SQL\nSELECT a FROM b\nWHERE c = '$c'\nSQL;",
        "$q = \"SELECT a FROM b WHERE c = {$row['c']}\";",
    ],
)
def test_sql_is_recognised_however_it_is_put_together(code: str) -> None:
    assert fired(f"<?php\n{code}\n", "a.php") == {"sql-from-values"}


TEMPLATE = """<h1>It's a page</h1>
<?php if ($rows): ?>
  <p>Don't <?= $_GET['q'] ?> "worry"</p>
<?php endif; // the end ?>
<?php $x = '?>'; /* ?> */ eval($_POST['code']); ?>
"""


def test_markup_around_the_code_is_no_obstacle() -> None:
    assert fired(TEMPLATE, "page.phtml") == {"html-from-request", "eval-of-value"}


def test_code_keeps_its_lines_when_markup_goes() -> None:
    lines = php_alone(TEMPLATE).split("\n")
    assert len(lines) == len(TEMPLATE.split("\n"))
    assert "echo  $_GET['q']" in lines[2]
    assert "eval($_POST['code'])" in lines[4]
    assert "page" not in lines[0]
    assert "worry" not in lines[2]


def test_closing_tag_inside_a_heredoc_closes_nothing() -> None:
    text = "<?php\n$a = <<<HTML\nisn't it <?php ?> fine\nHTML;\neval($a);\n?>\nend"
    assert "eval($a);" in php_alone(text)
    assert "end" not in php_alone(text).split("?>")[-1]


@given(st.text(alphabet="<?php= '\"\n/*#>$aSQL;", max_size=300))
def test_lines_stay_whatever_is_mixed(text: str) -> None:
    assert php_alone(text).count("\n") == text.count("\n")
