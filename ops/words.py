"""What others said, as one line for people, and what to do about it."""

_HINTS = {
    "HTTP 401": "Twilio refuses the credentials: check TWILIO_AUTH_TOKEN, or TWILIO_API_KEY_SID and its secret",
    "HTTP 403": "these credentials may not do that: take the account's token, or an API key with more rights",
    "HTTP 404": "there is no such thing in the account of these credentials",
}


def one_line(text: str) -> str:
    """A text without line breaks and without what would move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else " " for letter in text).rstrip()


def with_hint(text: str) -> str:
    """What a call to Twilio came to, with the way out where it says too little by itself."""
    return next((f"{text}; {hint}" for status, hint in _HINTS.items() if status in text), text)
