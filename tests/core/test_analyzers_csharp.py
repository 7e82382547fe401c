"""Each C# rule speaks about its mistake, and not about the code that resembles it."""

import pytest

from core.analyzers.rules import csharp
from core.analyzers.rules.rule import Rule
from tests.core.analyzer_examples import Examples, fired


def in_method(body: str, head: str = "public void Run()") -> str:
    return f"class Orders {{\n  {head}\n  {{\n{body}\n  }}\n}}\n"


ASYNC = "public async Task RunAsync()"

EXAMPLES: Examples = {
    "sql-from-values": (
        in_method("var q = $\"SELECT * FROM Users WHERE Name = '{name}'\";"),
        in_method(
            'db.Users.FromSql($"SELECT * FROM Users WHERE Name = {name}");\n'
            'var q = $"SELECT {columns} FROM {table} WHERE Id = @id";\n'
            'var r = $"SELECT a FROM b WHERE c = {(int)State.Open} AND d = {nameof(D)}";\n'
            'FormattableString s = $"SELECT a FROM b WHERE c = {c}";'
        ),
    ),
    "shell-from-values": (
        in_method('Process.Start("cmd.exe", $"/c tar xf {file}");'),
        in_method(
            'Process.Start("tar", $"xf {file}");\nProcess.Start("/bin/sh", "-c ls");\n'
            "Process.Start(new ProcessStartInfo(program));"
        ),
    ),
    "object-deserialised": (
        in_method("var o = new BinaryFormatter().Deserialize(stream);"),
        in_method("var o = JsonSerializer.Deserialize<Order>(stream);"),
    ),
    "type-named-by-json": (
        in_method(
            "var s = new JsonSerializerSettings { TypeNameHandling = TypeNameHandling.All };"
        ),
        in_method(
            "var s = new JsonSerializerSettings {\n  TypeNameHandling = TypeNameHandling.Auto,\n"
            "  SerializationBinder = new KnownTypes() };"
        )
        + in_method("settings.TypeNameHandling = TypeNameHandling.None;"),
    ),
    "tls-not-verified": (
        in_method("handler.ServerCertificateCustomValidationCallback = (m, c, ch, e) => true;"),
        in_method(
            "handler.ServerCertificateCustomValidationCallback = (m, c, ch, e) => Check(c);\n"
            "handler.OnReady = (m) => true;"
        ),
    ),
    "weak-password-hash": (
        in_method("var h = SHA256.HashData(Encoding.UTF8.GetBytes(password));"),
        in_method(
            "var h = SHA256.HashData(blob);\n"
            "var k = Rfc2898DeriveBytes.Pbkdf2(password, salt, 600_000, name, 32);"
        ),
    ),
    "guessable-secret": (
        in_method("var resetToken = new Random().Next().ToString();"),
        in_method(
            "var delay = new Random().Next(100);\n"
            "var token = RandomNumberGenerator.GetHexString(32);"
        ),
    ),
    "weak-cipher": (
        in_method("aes.Mode = CipherMode.ECB;"),
        in_method("aes.Mode = CipherMode.CBC;\nvar a = Aes.Create();"),
    ),
    "xml-external-entities": (
        in_method("var s = new XmlReaderSettings { DtdProcessing = DtdProcessing.Parse };"),
        in_method(
            "var s = new XmlReaderSettings {\n"
            "  DtdProcessing = DtdProcessing.Parse, XmlResolver = null };"
        ),
    ),
    "redirect-to-parameter": (
        in_method("return Redirect(returnUrl);", "public IActionResult Login(string returnUrl)"),
        in_method(
            "return Url.IsLocalUrl(returnUrl) ? Redirect(returnUrl) : Redirect(home);",
            "public IActionResult Login(string returnUrl)",
        )
        + in_method("return Redirect(home);", "public IActionResult Out(string returnUrl)"),
    ),
    "path-from-sender": (
        in_method("var p = Path.Combine(folder, file.FileName);", "void Save(IFormFile file)"),
        in_method(
            "var p = Path.Combine(folder, Path.GetFileName(file.FileName));",
            "void Save(IFormFile file)",
        )
        + in_method("var p = Path.Combine(folder, name);"),
    ),
    "cors-for-everyone": (
        in_method("policy.SetIsOriginAllowed(_ => true).AllowAnyHeader().AllowCredentials();"),
        in_method(
            "policy.SetIsOriginAllowed(o => Known(o)).AllowCredentials();\n"
            "policy.SetIsOriginAllowed(_ => true).AllowAnyHeader();"
        ),
    ),
    "jwt-not-verified": (
        in_method("var p = new TokenValidationParameters { RequireSignedTokens = false };"),
        in_method("var p = new TokenValidationParameters { RequireSignedTokens = true };"),
    ),
    "async-void": (
        in_method("await store.SaveAsync();", "public async void Save(Order order)"),
        in_method("await store.SaveAsync();", "private async void Save(object sender, EventArgs e)")
        + in_method("await store.SaveAsync();", "public override async void Save()")
        + in_method("await store.SaveAsync();", "public async void OnAppearing()")
        + in_method("await store.SaveAsync();", "public async Task Save()"),
    ),
    "blocked-on-task": (
        in_method("var order = store.LoadAsync(id).Result;", ASYNC),
        in_method("var order = await store.LoadAsync(id);\nvar r = answer.Result;", ASYNC)
        + in_method("store.LoadAsync(id).Wait();"),
    ),
    "sleep-in-async": (
        in_method("Thread.Sleep(100);", ASYNC),
        in_method("await Task.Run(() => Thread.Sleep(100));", ASYNC)
        + in_method("Thread.Sleep(100);"),
    ),
    "lock-in-public": (
        in_method("lock (this) { count++; }"),
        in_method("lock (_gate) { count++; }"),
    ),
    "any-failure-hidden": (
        in_method("try { Save(); } catch (Exception ex) { }"),
        in_method(
            "try { Save(); } catch (Exception ex) { log.Warn(ex); }\n"
            "try { Save(); } catch (OperationCanceledException) { }\n"
            "try { Save(); } catch (Exception) { /* the cache is optional */ }\n"
            "try { Save(); } catch (Exception e) when (e.Data.Count > 1) { }"
        ),
    ),
    "trace-lost": (
        in_method("try { Save(); } catch (IOException ex) { Undo(); throw ex; }"),
        in_method(
            "try { Save(); } catch (IOException ex) { Undo(); throw; }\n"
            "try { Save(); } catch (IOException ex) { var e = Wrap(ex); throw e; }\n"
            "try { Save(); } catch (IOException ex) { ex = Wrap(ex); throw ex; }"
        ),
    ),
    "resource-not-disposed": (
        in_method('var file = new StreamWriter("a.txt");\nfile.Write(text);'),
        in_method(
            'using var a = new StreamWriter("a.txt");\na.Write(text);\n'
            'var b = new StreamReader("b.txt");\nParse(b);\n'
            'var c = new StreamReader("c.txt");\nc.Dispose();\n'
            'using (var d = new StreamReader("d.txt")) { }\n'
            'var e = new StreamReader("e.txt");\nreturn e;'
        ),
    ),
    "client-per-call": (
        in_method("using var client = new HttpClient();\nclient.Send(r);"),
        in_method("var client = factory.CreateClient();")
        + "class A { static readonly HttpClient Client = new HttpClient(); }",
    ),
    "changed-while-walked": (
        in_method("foreach (var user in users) { if (user.Old) users.Remove(user); }"),
        in_method(
            "foreach (var user in users.ToList()) { users.Remove(user); }\n"
            "foreach (var user in users) { if (user.Old) { users.Remove(user); break; } }\n"
            "foreach (var user in users) { seen.Add(user); }"
        ),
    ),
}


@pytest.mark.parametrize("rule", csharp.RULES, ids=lambda rule: rule.id)
def test_rule_speaks_about_its_mistake_alone(rule: Rule) -> None:
    mistake, fine = EXAMPLES[rule.id]
    assert rule.id in fired(mistake, "src/Shop/Orders.cs")
    assert fired(fine, "src/Shop/Orders.cs") == set()


@pytest.mark.parametrize(
    "code",
    [
        'var q = "SELECT a FROM b WHERE c = \'" + c + "\'";',
        'var q = $@"SELECT a FROM b\nWHERE c = {c}";',
        "var q = string.Format(\"DELETE FROM a WHERE b = '{0}'\", b);",
    ],
)
def test_sql_is_recognised_however_it_is_put_together(code: str) -> None:
    assert fired(in_method(code), "a.cs") == {"sql-from-values"}


@pytest.mark.parametrize(
    "path", ["src/Shop.Tests/Orders.cs", "tests/Shop/Orders.cs", "A/OrdersTests.cs"]
)
def test_mistake_that_is_harmless_in_a_test_is_left_alone_there(path: str) -> None:
    assert fired(in_method("aes.Mode = CipherMode.ECB;"), path) == set()
