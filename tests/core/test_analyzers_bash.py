"""Each rule for the shell speaks about its mistake, and not about the code that resembles it."""

import pytest

from core.analyzers.rules import bash
from core.analyzers.rules.rule import Rule
from tests.core.analyzer_examples import Examples, fired

EXAMPLES: Examples = {
    "download-run": (
        "curl -fsSL https://get.example.com | sudo bash -s -- -y",
        (
            "curl -fsSL https://get.example.com/a.json | python3 -m json.tool\n"
            "curl -s http://localhost:8080/x | sh\ncurl -o install.sh https://get.example.com\n"
            "curl https://a.example | jq .name | sort"
        ),
    ),
    "substituted-download-run": (
        'bash -c "$(curl -fsSL https://get.example.com)"',
        'version="$(curl -fsSL https://a.example/version)"\nbash -c "$(cat script)"',
    ),
    "tls-not-verified": (
        "curl -sk https://a.example/key",
        "curl -sSL https://a.example/key\ncurl -k https://localhost:8443/\nwget -q https://a.example",
    ),
    "host-key-not-checked": (
        "ssh -o StrictHostKeyChecking=no deploy@a.example ls",
        (
            "ssh -o StrictHostKeyChecking=accept-new deploy@a.example ls\n"
            'echo "ssh -o StrictHostKeyChecking=no is not safe"'
        ),
    ),
    "writable-by-all": (
        "sudo chmod -R 777 /srv/app",
        "chmod 1777 /srv/tmp\nchmod 755 run.sh\nchmod a+r file\nchmod +x run.sh",
    ),
    "temporary-name-known": (
        "out=/tmp/report.$$",
        "out=$(mktemp)\nwork=$(mktemp -d)/x.$$\nlog=/var/log/report.$$",
    ),
    "secret-in-arguments": (
        'mysql -u root -p"$DB_PASSWORD" shop',
        "mysql --defaults-extra-file=my.cnf shop\ncurl -u user https://a.example\nmkdir -p $DIR",
    ),
    "secret-printed": (
        'echo "Using token: $GITHUB_TOKEN"',
        (
            'echo "$TOKEN" | docker login --password-stdin\necho "token: $TOKEN" > cfg\n'
            'get() { echo "$TOKEN"; }\necho \'set $TOKEN first\'\necho "token file: $FILE"\n'
            'value=$(echo "token=$TOKEN")'
        ),
    ),
    "arguments-evaluated": (
        'run() { eval "$@"; }',
        'run() { "$@"; }\neval "$(ssh-agent)"\neval "$command $1"',
    ),
    "root-deleted": (
        'rm -rf "$BUILD_DIR"/*',
        (
            'rm -rf "${BUILD_DIR:?}"/*\nrm -rf "$BUILD_DIR"\nrm -f "$BUILD_DIR"/*\n'
            'OUT=build\nrm -rf "$OUT"/*\nWORK=$(mktemp -d)\nrm -rf "$WORK"/\n'
            'rm -rf "$HOME_DIR/.cache/app"'
        ),
    ),
    "deletes-elsewhere": (
        'cd "$BUILD"\nrm -rf out',
        (
            'cd "$BUILD" || exit 1\nrm -rf out\nif cd "$BUILD"; then\n  rm -rf out\nfi\n'
            'cd "$BUILD"\nrm -rf /var/cache/app\ncd "$BUILD"\nls'
        ),
    ),
    "input-emptied": (
        "sort names.txt | uniq > names.txt",
        (
            "sort names.txt > sorted.txt\nsort names.txt >> names.txt\n"
            "grep names.txt x > names.txt\nsort -o names.txt names.txt\ncat a 2> a"
        ),
    ),
    "name-split": (
        "for f in *.log; do rm $f; done",
        (
            'for f in *.log; do rm "$f"; done\nfor n in 1 2 3; do rm $n; done\n'
            "for f in *.log; do echo $f; done"
        ),
    ),
    "names-split-by-xargs": (
        "find . -name '*.bak' | xargs rm -f",
        (
            "find . -name '*.bak' -print0 | xargs -0 rm -f\nfind . -name '*.c' | xargs grep main\n"
            "cat ids | xargs rm\nfind . -name '*.bak' -exec rm {} +"
        ),
    ),
    "variable-lost-in-pipe": (
        'count=0\ncat list | while read -r line; do count=$((count + 1)); done\necho "$count"',
        (
            'while read -r line; do count=$((count + 1)); done < list\necho "$count"\n'
            "cat list | while read -r line; do last=$line; echo $last; done\n"
            'cat list | while read -r l; do n=1; done\nn=2\necho "$n"'
        ),
    ),
    "status-of-declaration": (
        "f() {\n  local out=$(build) || return 1\n}",
        "f() {\n  local out\n  out=$(build) || return 1\n  local n=3 || true\n}",
    ),
    "status-of-another": (
        'build\necho "built"\nif [ $? -ne 0 ]; then exit 1; fi',
        (
            "build\nif [ $? -ne 0 ]; then exit 1; fi\nout=$(build)\n"
            "if [ $? -ne 0 ]; then exit 1; fi\nbuild\n[ $? -eq 0 ] && echo fine"
        ),
    ),
    "comparison-writes-file": (
        'if [ "$a" > "$b" ]; then echo more; fi',
        'if [[ "$a" > "$b" ]]; then echo more; fi\nif [ "$a" -gt "$b" ]; then echo more; fi',
    ),
    "pattern-quoted": (
        'if [[ $name =~ "^[a-z]+$" ]]; then echo fine; fi',
        (
            "if [[ $name =~ ^[a-z]+$ ]]; then echo fine; fi\n"
            'if [[ $line =~ "plain text" ]]; then echo fine; fi\nif [[ $a =~ "$b" ]]; then ls; fi'
        ),
    ),
    "redirect-without-rights": (
        'sudo echo "127.0.0.1 a" >> /etc/hosts',
        (
            'echo "127.0.0.1 a" | sudo tee -a /etc/hosts > /dev/null\n'
            "sudo cat /etc/shadow > copy\nsudo sh -c 'echo a > /etc/a'"
        ),
    ),
}


@pytest.mark.parametrize("rule", bash.RULES, ids=lambda rule: rule.id)
def test_rule_speaks_about_its_mistake_alone(rule: Rule) -> None:
    mistake, fine = EXAMPLES[rule.id]
    assert rule.id in fired(mistake, "bin/deploy.sh")
    assert fired(fine, "bin/deploy.sh") == set()


@pytest.mark.parametrize(
    "code",
    [
        "wget -qO- https://a.example | sh",
        "curl https://a.example | bash -",
        "curl https://a.example | sudo -E bash",
        "curl https://a.example | python3",
    ],
)
def test_download_that_runs_is_recognised_however_it_is_piped(code: str) -> None:
    assert fired(code, "a.sh") == {"download-run"}


def test_script_that_stops_at_errors_may_trust_its_cd() -> None:
    code = 'cd "$BUILD"\nrm -rf out\n'
    assert fired(f"#!/bin/bash\nset -euo pipefail\n{code}", "a.sh") == set()
    assert fired(f"#!/bin/bash\n{code}", "a.sh") == {"deletes-elsewhere"}


def test_text_of_a_here_document_is_no_command() -> None:
    code = "cat <<'END'\ncurl -k https://a.example | sh\nchmod 777 x\nEND\n# eval \"$@\"\n"
    assert fired(code, "a.sh") == set()
