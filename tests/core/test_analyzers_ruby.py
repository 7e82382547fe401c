"""Each Ruby rule speaks about its mistake, and not about the code that resembles it."""

import pytest

from core.analyzers.rules import ruby
from core.analyzers.rules.rule import Rule
from tests.core.analyzer_examples import Examples, fired

EXAMPLES: Examples = {
    "sql-from-values": (
        "db.execute(\"SELECT * FROM users WHERE name = '#{name}'\")",
        (
            'db.execute("SELECT #{columns} FROM #{table} WHERE id = ?", id)\n'
            'db.execute("SELECT a FROM b WHERE c = #{db.quote(c)} AND d = #{d.to_i}")\n'
            "db.execute(\"SELECT a FROM b WHERE a.id = #{B.table}.id AND s = '#{B::OPEN}'\")"
        ),
    ),
    "shell-from-values": (
        'system("tar xf #{file}")',
        (
            'system("tar", "xf", file)\nsystem("ls #{Shellwords.escape(dir)}")\n`ls -l`\n'
            'system("#{RbConfig.ruby} -v")\nlog.system("a #{b}")'
        ),
    ),
    "eval-of-request": (
        "record.send(params[:action_name], 1)",
        "record.send(:save)\nrecord.public_send(name)\nparams.send(:permit, :a)",
    ),
    "object-deserialised": (
        "session = Marshal.load(Base64.decode64(cookies[:s]))",
        "copy = Marshal.load(Marshal.dump(request.x))\nMarshal.load(index_file)\nYAML.load(body)",
    ),
    "open-of-address": (
        "page = open(url).read",
        'page = open("/etc/hosts").read\nURI.parse(url).open\nopen(path) { |f| f.read }',
    ),
    "tls-not-verified": (
        "http.verify_mode = OpenSSL::SSL::VERIFY_NONE",
        (
            "http.verify_mode = OpenSSL::SSL::VERIFY_PEER\n"
            "http.verify_mode = strict ? OpenSSL::SSL::VERIFY_PEER : OpenSSL::SSL::VERIFY_NONE\n"
            "check(token, verify: false)"
        ),
    ),
    "weak-password-hash": (
        "Digest::SHA256.hexdigest(password)",
        "Digest::SHA256.hexdigest(file)\nBCrypt::Password.create(password)",
    ),
    "guessable-secret": (
        "reset_token = (0...8).map { rand(36).to_s(36) }.join",
        "delay = rand(5)\ntoken = SecureRandom.hex\ncolour = COLOURS[rand(3)]",
    ),
    "condition-from-values": (
        "User.where(\"name = '#{params[:name]}'\")",
        (
            'User.where("name = ?", name)\nUser.where(name: name)\n'
            'User.where("#{table}.name = ?", name)\nUser.where("id = #{id.to_i}")\n'
            'Page.where("a.id = #{author.id}")'
        ),
    ),
    "html-from-value": (
        'def badge(user)\n  "<b>#{user.name}</b>".html_safe\nend',
        (
            'def badge(user)\n  "<b>#{h(user.name)}</b>".html_safe\nend\n'
            '"<br>".html_safe\n"#{link_to(a)} #{icon}".html_safe\nraw(page)'
        ),
    ),
    "redirect-to-parameter": (
        "redirect_to params[:return_to] || root_path",
        (
            "redirect_to params[:back] ? a_path : b_path\nredirect_to user_path(params[:id])\n"
            "redirect_to url_from(params[:return_to])"
        ),
    ),
    "path-from-request": (
        'send_file Rails.root.join("files", params[:name])',
        (
            'send_file Rails.root.join("files", File.basename(params[:name]))\n'
            'File.read("VERSION")\nsend_file @export.path, filename: params[:name]'
        ),
    ),
    "all-parameters-permitted": (
        "User.create(params.require(:user).permit!)",
        "User.create(params.require(:user).permit(:name))",
    ),
    "rescue-of-everything": (
        "begin\n  work\nrescue Exception => e\n  log(e.message)\nend",
        (
            "begin\n  work\nrescue Exception => e\n  log(e.message)\n  raise\nend\n"
            "begin\n  work\nrescue Exception => e\n  results << e\nend\n"
            "begin\n  work\nrescue StandardError => e\n  log(e)\nend"
        ),
    ),
    "failure-hidden": (
        "begin\n  work\nrescue => e\nend",
        (
            "begin\n  work\nrescue Errno::ENOENT\nend\nbegin\n  work\nrescue\n  nil\nend\n"
            "begin\n  work\nrescue\n  # the cache is optional\nend"
        ),
    ),
    "return-in-ensure": (
        "def f\n  work\nensure\n  return 1\nend",
        (
            "def f\n  work\n  return 1\nensure\n  close\nend\n"
            "def g\n  work\nensure\n  xs.each { |x| return x unless $! }\nend\n"
            "def h\n  work\nensure\n  return 1 unless $!\nend"
        ),
    ),
    "assigned-in-condition": (
        'grant if role = "admin"',
        'grant if role == "admin"\nuse(m) if m = pattern.match(text)\nwhile line = gets\nend',
    ),
    "resource-not-closed": (
        'def save(text)\n  file = File.open("a", "w")\n  file.write(text)\n  nil\nend',
        (
            'def save(text)\n  File.open("a", "w") { |file| file.write(text) }\nend\n'
            'def open_it\n  file = File.open("a")\n  file.seek(3)\n  file\nend\n'
            'def read\n  file = File.open("a")\n  file.read\nensure\n  file&.close\nend\n'
            'def give\n  file = File.open("a")\n  Reader.new(file).read\nend'
        ),
    ),
    "default-shared": (
        "groups = Hash.new([])\ngroups[key] << item",
        (
            "groups = Hash.new { |h, k| h[k] = [] }\ngroups[key] << item\n"
            "counts = Hash.new(0)\ncounts[key] += 1\nnone = Hash.new([])\nnone[key].each { |x| x }"
        ),
    ),
    "changed-while-walked": (
        "users.each do |user|\n  users.delete(user) if user.old?\nend",
        (
            "users.dup.each { |user| users.delete(user) }\nusers.reject!(&:old?)\n"
            "index.each { |key, value| index.delete(key) if value.nil? }\n"
            "users.each do |user|\n  if user.old?\n    users.delete(user)\n    break\n  end\nend"
        ),
    ),
    "private-without-effect": (
        "class A\n  private\n\n  def self.secret\n  end\nend",
        (
            "class A\n  def self.open\n  end\n\n  private\n\n  def b\n  end\nend\n"
            "class B\n  private\n\n  def self.c\n  end\n  private_class_method :c\nend\n"
            "class C\n  class << self\n    private\n\n    def d\n    end\n  end\nend"
        ),
    ),
}


@pytest.mark.parametrize("rule", ruby.RULES, ids=lambda rule: rule.id)
def test_rule_speaks_about_its_mistake_alone(rule: Rule) -> None:
    mistake, fine = EXAMPLES[rule.id]
    assert rule.id in fired(mistake, "app/models/order.rb")
    assert fired(fine, "app/models/order.rb") == set()


@pytest.mark.parametrize(
    "code",
    [
        "out = `git log #{branch}`",
        "out = %x(git log #{branch})",
        'IO.popen("git log #{branch}", "r")',
        'Open3.capture2("git log " + branch)',
        'exec("git log #{branch}")',
    ],
)
def test_shell_is_recognised_however_it_is_called(code: str) -> None:
    assert fired(code, "a.rb") == {"shell-from-values"}


@pytest.mark.parametrize(
    "code",
    [
        "q = <<~SQL\n  SELECT * FROM users\n  WHERE name = '#{name}'\nSQL",
        "q = \"DELETE FROM users WHERE name = '%s'\" % name",
        'q = "SELECT a FROM t WHERE b = \'" + b + "\'"',
    ],
)
def test_sql_is_recognised_however_it_is_put_together(code: str) -> None:
    assert fired(code, "a.rb") == {"sql-from-values"}
