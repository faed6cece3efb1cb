"""The signature check agrees with the official validator and never raises."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from function.twilio_api.signature import HEADER, Verifier
from tests.function.reaching import Reached, reaching

TOKEN = "12345"
URL = "https://europe-west1-project.cloudfunctions.net/timeout/conversations"
FORM = (("EventType", "onConversationStateUpdated"), ("Reason", "TIMER"))

parameters = st.lists(st.tuples(st.text(max_size=12), st.text(max_size=20)), max_size=8)
urls = st.sampled_from(
    [URL, "https://example.com:443/conversations", "http://127.0.0.1:8701/timeout/conversations", "https://a.b/c?d=e"]
)


def sign(form: list[tuple[str, str]] | tuple[tuple[str, str], ...] = FORM, url: str = URL, token: str = TOKEN) -> str:
    """Return the signature that Twilio would send."""
    return str(RequestValidator(token).compute_signature(url, MultiDict(form)))


def test_twilios_published_example_is_genuine() -> None:
    """The example is from the official library's tests."""
    form = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
        ("Caller", "+14158675309"),
    ]
    verifier = Verifier("https://mycompany.com/myapp.php?foo=1&bar=2", ["12345"])

    assert verifier.is_genuine(form, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")


@given(parameters, urls)
@example([("a", "2"), ("a", "1"), ("a", "1"), ("b", ""), ("grüße", "☂")], URL)
def test_whatever_twilio_signs_is_genuine(form: list[tuple[str, str]], url: str) -> None:
    """Repeated, empty and non-ASCII parameters, with and without the port."""
    assert Verifier(url, [TOKEN]).is_genuine(form, sign(form, url))


@st.composite
def forms(draw: st.DrawFn) -> list[list[tuple[str, str]]]:
    """A form, one that is the same to Twilio, which sorts and removes duplicates, and one that is nearly the same.

    Moving a letter from a name to its value is the same to Twilio too.
    """
    form = draw(parameters.filter(bool))
    alike = draw(st.permutations([*form, *draw(st.lists(st.sampled_from(form), max_size=2))]))
    name, value = draw(st.sampled_from(form))
    moved, more, fewer = [*form[1:], (name[:-1], name[-1:] + value)], [*form, (name, value + "x")], form[1:]
    return [form, alike, draw(st.sampled_from([more, moved, fewer, draw(parameters)]))]


@reaching(genuine=0.9, another=0.3)
@given(forms())
def test_it_agrees_with_the_official_validator(reached: Reached, given: list[list[tuple[str, str]]]) -> None:
    """A signature over one form is valid for another only if the official validator says so."""
    form, *others = given
    official, verifier = RequestValidator(TOKEN), Verifier(URL, [TOKEN])
    signatures = [sign(each) for each in others]
    expected = [official.validate(URL, MultiDict(form), each) for each in signatures]

    assert [verifier.is_genuine(form, each) for each in signatures] == expected
    reached("genuine", any(expected))
    reached("another", not all(expected))


@given(st.text(max_size=40) | st.none(), parameters)
@example("\udc80", [])
@example("é", [("\ud800", "")])
@example("", [])
def test_any_other_input_is_refused_and_nothing_raises(signature: str | None, form: list[tuple[str, str]]) -> None:
    """A stranger can neither make it fail nor make it accept."""
    assert not Verifier(URL, [TOKEN]).is_genuine(form, signature)


@pytest.mark.parametrize(
    "url",
    [
        URL.replace("https", "http"),
        URL + "/",
        URL + "?a=b",
        URL.replace("timeout", "Timeout"),
        URL.replace("cloudfunctions.net", "run.app"),
    ],
)
def test_a_signature_for_another_url_is_refused(url: str) -> None:
    """Only the configured URL counts."""
    assert not Verifier(URL, [TOKEN]).is_genuine(FORM, sign(url=url))


@pytest.mark.parametrize(
    ("registered", "signed", "genuine"),
    [
        ("https://a.b/c?d=e", "https://a.b:443/c?d=e", True),
        ("https://a.b:443/c?d=e", "https://a.b/c?d=e", True),
        ("https://a.b:8443/c", "https://a.b/c", True),
        ("http://a.b/c", "http://a.b:80/c", True),
        ("http://a.b/c", "http://a.b:443/c", False),
        ("https://a.b/c", "https://a.b:80/c", False),
        ("https://a.b:8443/c", "https://a.b:443/c", False),
        ("https://A.b/c", "https://a.b/c", True),
    ],
)
def test_with_or_without_the_port_is_the_same_url(registered: str, signed: str, *, genuine: bool) -> None:
    """Twilio signs either; a port other than the scheme's is another URL."""
    assert genuine is Verifier(registered, [TOKEN]).is_genuine(FORM, sign(url=signed))


def test_the_result_is_a_boolean() -> None:
    """Also without a signature; the header's name is that of Twilio's documentation."""
    assert False is Verifier(URL, [TOKEN]).is_genuine(FORM, None)
    assert True is Verifier(URL, [TOKEN]).is_genuine(FORM, sign())
    assert HEADER == "X-Twilio-Signature"


def test_both_tokens_are_accepted_while_they_change() -> None:
    """Primary and secondary, but neither a third nor an empty one."""
    verifier = Verifier(URL, ["old", "new", ""])

    assert verifier.is_genuine(FORM, sign(token="old"))
    assert verifier.is_genuine(FORM, sign(token="new"))
    assert not verifier.is_genuine(FORM, sign(token="other"))
    assert not verifier.is_genuine(FORM, sign(token=""))
