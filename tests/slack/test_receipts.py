"""What a row remembers of the messages it made."""

from hypothesis import given
from hypothesis import strategies as st

from slack.blocks import Message
from slack.receipts import Receipt, Said, digest_of, receipt_from

CARD, OTHER = Message("one"), Message("two")
ids = st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True)
stamps = st.from_regex(r"[0-9]{1,10}\.[0-9]{6}", fullmatch=True)


@given(
    st.from_regex(r"[A-Z0-9]{1,20}", fullmatch=True),
    stamps,
    st.dictionaries(ids, stamps, max_size=30),
    st.booleans(),
)
def test_a_receipt_is_read_as_it_was_written(
    channel: str, ts: str, replies: dict[str, str], has_card: bool
) -> None:
    receipt = Receipt(channel, ts)
    receipt = receipt.with_card(f"{channel}:{ts}", CARD) if has_card else receipt
    for key, at in replies.items():
        receipt = receipt.with_reply(key, at, OTHER)
    assert receipt_from(str(receipt)) == receipt


def test_the_receipt_of_an_earlier_version_is_its_place_alone() -> None:
    assert receipt_from("C1:17.1") == Receipt("C1", "17.1")
    assert receipt_from("") == Receipt()


def test_words_of_a_later_version_stay() -> None:
    text = "C1:17.1 card=0badcafe f/a=17.2/0badcafe later=thing"
    assert str(receipt_from(text)) == text


@given(st.text(max_size=80))
def test_any_text_is_a_receipt(text: str) -> None:
    assert receipt_from(str(receipt_from(text))) == receipt_from(text)


def test_a_card_that_was_posted_anew_has_an_empty_thread() -> None:
    before = Receipt("C1", "17.1").with_reply("f1", "17.2", CARD)
    assert before.with_card("C1:17.1", CARD).replies == {"f1": Said("17.2", digest_of(CARD))}
    assert before.with_card("C1:18.1", CARD).replies == {}


def test_different_messages_have_different_digests() -> None:
    assert digest_of(CARD) != digest_of(OTHER)
    assert digest_of(Message("one", ({"type": "divider"},))) != digest_of(CARD)
