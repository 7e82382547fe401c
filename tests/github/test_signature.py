"""The proof of origin: what counts, and everything that does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github.signature import sign, verify

BODY = '{"zen":"Füße"}'.encode()
CURRENT, PREVIOUS = b"current-secret-of-this-test", b"previous-secret-of-this-test"
GOOD = sign(BODY, CURRENT)


def test_matches_the_example_of_githubs_documentation():
    # https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
    expected = b"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert expected == sign(b"Hello, World!", b"It's a Secret to Everybody")


@pytest.mark.parametrize("secret", [CURRENT, PREVIOUS])
def test_either_secret_proves_the_origin_while_they_rotate(secret: bytes):
    assert verify(BODY, [sign(BODY, secret)], [CURRENT, PREVIOUS])


@pytest.mark.parametrize(
    "signatures",
    [
        [],
        [b""],
        [b"sha256="],
        [GOOD[:-1]],
        [GOOD + b"0"],
        [GOOD[7:]],
        [b"sha1=" + GOOD[7:47]],
        [GOOD.upper()],
        [b"sha256=" + GOOD[7:].upper()],
        [b" " + GOOD],
        [GOOD, GOOD],
        [GOOD, b"sha256=" + b"0" * 64],
        ["sha256=ｆ".encode() + GOOD[10:]],
        [b"sha256=" + b"\xff" * 64],
        [sign(BODY + b" ", CURRENT)],
        [sign(BODY, b"another-secret-of-this-test")],
    ],
)
def test_anything_odd_fails_closed(signatures: list[bytes]):
    assert not verify(BODY, signatures, [CURRENT, PREVIOUS])


@pytest.mark.parametrize("secrets", [[], [b""], [b"", b""]])
def test_without_a_secret_nothing_is_genuine(secrets: list[bytes]):
    assert not verify(BODY, [sign(BODY, b"")], secrets)


@given(body=st.binary(max_size=200), flip=st.integers(min_value=0))
def test_one_changed_bit_of_the_body_is_noticed(body: bytes, flip: int):
    changed = bytearray(body or b"\0")
    changed[flip % len(changed)] ^= 1
    assert not verify(bytes(changed), [sign(body, CURRENT)], [CURRENT])
