"""Every rule says what it rests on, and the action it documents is the action it gives."""

from __future__ import annotations

import re

import pytest

from reconcile.rules import RULES
from reconcile.rules.document import Document, documents
from tests.reconcile.story import POLICY
from tests.reconcile.test_rules import fired

DOCUMENTS = {document.code: document for document in documents(POLICY.severity)}
UNSURE = re.compile(r"\[(?:I|R|\?|V2)\]|^Practice")


def fits(action: str, document: Document) -> bool:
    """Whether *action* is one of the document's sentences, with anything in place of its <angle brackets>."""
    forms = ("".join(".+" if n % 2 else re.escape(part) for n, part in enumerate(re.split(r"<[^>]*>", form)))
             for form in document.action.split(" / "))  # fmt: skip
    return any(re.fullmatch(form, action) for form in forms)


@pytest.mark.parametrize("code", DOCUMENTS)
def test_a_document_is_whole(code):
    document = DOCUMENTS[code]

    assert document.condition.endswith(".")
    assert document.action
    assert document.rests_on


@pytest.mark.parametrize("code", DOCUMENTS)
def test_a_rule_rests_on_a_sentence_of_policy_or_says_that_it_is_practice(code):
    assert re.match(r"(?:S[0-4](?:[ ,;:]|\b)|Practice: |A safety rule of our own)", DOCUMENTS[code].rests_on)
    assert re.search(r"\[(?:S|V|V2|I|R|\?)\]", DOCUMENTS[code].rests_on)


@pytest.mark.parametrize("code", DOCUMENTS)
def test_what_was_not_checked_with_the_vendor_says_so(code):
    said = DOCUMENTS[code].rests_on

    assert ("Not checked with the vendor." in said) or not UNSURE.search(said)


@pytest.mark.parametrize("code", [rule.code for rule in RULES])
def test_the_action_of_the_example_is_the_documented_sentence(code):
    found = fired(code).findings
    (action, *_) = found[found["rule"] == code]["action"]

    assert fits(action, DOCUMENTS[code]), action
