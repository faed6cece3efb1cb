"""Any request at all gets one of the few documented status codes, and only genuine ones cause calls to Twilio.

Plan: requests from a seed: methods, paths, headers, bodies of all kinds up to 8 KiB, and some of 10 MiB; unsigned,
signed wrongly, and signed as Twilio does over whatever nonsense. A share of them goes over a socket to a real process.
"""

from __future__ import annotations

import base64
import io
import random
import string
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks.campaigns.campaign import Campaign, Figure, Result, Watch, all_of, none_of
from function.policy import parse_policy
from simulator.running import RunningSimulator
from simulator.webhooks import sign
from tests.world.driving import Twilio, post
from tests.world.running import free_port, running_function, settings_for
from tests.world.world import PUBLIC_URL, World

SMALL, LARGE, SOCKET = 1_000_000, 1_000, 10_000
IN_A_BLOCK = 1_000
MAX_BYTES, LARGE_BYTES = 8 * 1024, 10 * 1024 * 1024
ALLOWED = frozenset({204, 400, 403, 405, 408, 413, 503})
CANARY = "what the customer wrote"

_METHODS = ("POST",) * 12 + ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND")
_PATHS = ("/conversations",) * 10 + ("/", "/conversations/", "/x/conversations", "/conversations/x", "/tasks", "/sweep")
_TYPES = ("application/x-www-form-urlencoded",) * 6 + (
    "application/json",
    "multipart/form-data; boundary=b",
    "",
    "\xff",
)
_ODD = (
    "",
    "null",
    "\x00",
    "\ud800",
    "💥",
    "CH" + "0" * 31,
    "CH" + "g" * 32,
    "[]",
    "{",
    "%",
    "+",
    "&",
    "=",
    ";",
    CANARY,
)


@dataclass(frozen=True)
class Sent:
    """One request; `genuine` means signed as Twilio signs."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    genuine: bool = False


@dataclass
class Writer:
    """Makes requests from dice."""

    dice: random.Random
    event: dict[str, str]
    token: str
    url: str
    tokens: tuple[str, ...] = field(default=("another token", ""))

    def request(self) -> Sent:
        """The next one."""
        dice = self.dice
        signed = dice.random() < 0.4
        body = self._form() if signed or dice.random() < 0.5 else self._bytes()
        headers = {"Content-Type": dice.choice(_TYPES)}
        if dice.random() < 0.1:
            headers["X-Forwarded-Host"] = "example.com"
            headers["X-Cloud-Trace-Context"] = self._text(64)
        if isinstance(body, bytes):
            headers |= self._wrong_signature([])
            return Sent(dice.choice(_METHODS), dice.choice(_PATHS), headers, body[:MAX_BYTES])
        encoded = urlencode(body, errors="surrogatepass").encode()[:MAX_BYTES]
        genuine = signed and dice.random() < 0.7 and not any("\ud800" in value for _, value in body)
        genuine = genuine and len(encoded) < MAX_BYTES
        headers |= {"X-Twilio-Signature": sign(self.token, self.url, body)} if genuine else self._wrong_signature(body)
        return Sent(dice.choice(_METHODS), dice.choice(_PATHS), headers, encoded, genuine)

    def _form(self) -> list[tuple[str, str]]:
        """An event of which anything may be wrong."""
        dice = self.dice
        form = [*self.event.items(), ("Body", CANARY)]
        for _ in range(dice.randrange(4)):
            at = dice.randrange(len(form))
            match dice.randrange(5):
                case 0:
                    del form[at]
                case 1:
                    form[at] = (form[at][0], self._value())
                case 2:
                    form.append((form[at][0], self._value()))
                case 3:
                    form.append((self._text(8), self._value()))
                case _:
                    dice.shuffle(form)
        if dice.random() < 0.02:
            form += [("a", str(number)) for number in range(600)]
        return form

    def _value(self) -> str:
        if self.dice.random() < 0.6:
            return self.dice.choice(_ODD)
        return self._text(self.dice.choice((8, 64, 2000)))

    def _text(self, most: int) -> str:
        return "".join(self.dice.choices(string.printable + "äß\u2028", k=self.dice.randrange(most)))

    def _bytes(self) -> bytes:
        dice = self.dice
        match dice.randrange(4):
            case 0:
                return dice.randbytes(dice.randrange(MAX_BYTES))
            case 1:
                return b"&" * dice.randrange(MAX_BYTES)
            case 2:
                return b"[" * dice.randrange(MAX_BYTES)
        torn = bytearray(urlencode(self.event).encode())
        for _ in range(dice.randrange(1, 8)):
            torn[dice.randrange(len(torn))] = dice.randrange(256)
        return bytes(torn)

    def _wrong_signature(self, form: list[tuple[str, str]]) -> dict[str, str]:
        dice = self.dice
        clean = [(name, value) for name, value in form if "\ud800" not in name + value]
        match dice.randrange(6):
            case 0:
                return {}
            case 1:
                return {"X-Twilio-Signature": ""}
            case 2:
                return {"X-Twilio-Signature": sign(dice.choice(self.tokens), self.url, clean)}
            case 3:
                return {"X-Twilio-Signature": sign(self.token, "https://example.com/conversations", clean)}
            case 4:
                return {"X-Twilio-Signature": "".join(chr(dice.randrange(32, 256)) for _ in range(dice.randrange(200)))}
        return {"X-Twilio-Signature": base64.b64encode(dice.randbytes(20)).decode()}


class Endless(io.RawIOBase):
    """A large body that is nowhere; `taken` says how much of it was read."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self._left = length
        self.taken = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Give what is asked for, while there is any."""
        count = min(len(buffer), self._left)
        buffer[:count] = b"a" * count
        self._left -= count
        self.taken += count
        return count


def environ(sent: Sent, stream: Any = None, length: int | None = None) -> dict[str, Any]:
    """What a server would hand over."""
    made: dict[str, Any] = {
        "REQUEST_METHOD": sent.method,
        "PATH_INFO": sent.path.partition("?")[0],
        "QUERY_STRING": sent.path.partition("?")[2],
        "SERVER_NAME": "function.example",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": stream or io.BytesIO(sent.body),
        "CONTENT_TYPE": sent.headers.get("Content-Type", ""),
    }
    if stream is None or length is not None:
        made["CONTENT_LENGTH"] = str(len(sent.body) if length is None else length)
    else:
        made["wsgi.input_terminated"] = True
    made |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in sent.headers.items()}
    return made


@dataclass(frozen=True)
class Block:
    """Some requests one after the other; all large or all small."""

    number: int
    count: int
    large: bool = False


@dataclass
class Answers:
    """What became of a block of requests, or of several.

    Attributes:
        statuses: how often each was the answer.
        strangers: requests that Twilio did not sign.
        calls: to Twilio for those.
        leaks: lines of the log with a word of a request's text.
        most_read: bytes of one large body.
        broken: what broke a promise.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    strangers: int = 0
    calls: int = 0
    leaks: int = 0
    most_read: int = 0
    broken: list[str] = field(default_factory=list)

    def add(self, other: Answers) -> None:
        """Those of another block."""
        self.statuses += other.statuses
        self.strangers += other.strangers
        self.calls += other.calls
        self.leaks += other.leaks
        self.most_read = max(self.most_read, other.most_read)
        self.broken += other.broken


@contextmanager
def player(seed: int) -> Iterator[Callable[[Block], Answers]]:
    """Sends blocks in a world of its own."""
    with World() as world:
        event = _event(world)

        def send(block: Block) -> Answers:
            dice = random.Random(f"{seed} {block}")
            writer = Writer(dice, event, world.auth_token, f"{PUBLIC_URL}/conversations")
            return (_large if block.large else _small)(world, writer, block)

        yield send


def _small(world: World, writer: Writer, block: Block) -> Answers:
    found = Answers()
    wire = world.instance.wire
    world.clear_log()
    for number in range(block.count):
        sent = writer.request()
        wire.calls.clear()
        status = world.instance.answer_environ(environ(sent)) or 0
        found.statuses[status] += 1
        if status not in ALLOWED:
            found.broken.append(f"{block}, request {number}: answered {status}: {sent}")
        if not sent.genuine:
            found.strangers += 1
            found.calls += len(wire.calls)
            if wire.calls or status not in {403, 405, 413}:
                found.broken.append(f"{block}, request {number}: a stranger's: {status}, {wire.calls}")
    found.leaks = world.log_text.count(CANARY)
    return found


def _large(world: World, writer: Writer, block: Block) -> Answers:
    """Bodies of 10 MiB, with and without a Content-Length."""
    found = Answers()
    for number in range(block.count):
        stream = Endless(LARGE_BYTES)
        length = LARGE_BYTES if number % 2 else None
        status = world.instance.answer_environ(environ(writer.request(), stream, length)) or 0
        found.statuses[status] += 1
        found.most_read = max(found.most_read, stream.taken)
        if status not in {403, 405, 413}:
            found.broken.append(f"{block}, 10 MiB, request {number}: answered {status}")
    return found


def generated(watch: Watch) -> Result:
    """Small ones and large ones, without a socket."""
    small, large = watch.share(SMALL), watch.share(LARGE, 10)
    blocks = [Block(number, min(IN_A_BLOCK, small - number * IN_A_BLOCK)) for number in range(-(-small // IN_A_BLOCK))]
    found = Answers()
    for _, answers in watch.spread(
        [*blocks, Block(0, large, large=True)], "requests, in blocks", partial(player, watch.seed)
    ):
        found.add(answers)
    for each in found.broken:
        watch.breaks(f"seed {watch.seed}, {each}")
    statuses = found.statuses
    figures = (
        all_of(
            "generated requests answered with 204, 400, 403, 405, 408, 413 or 503",
            sum(statuses[status] for status in ALLOWED),
            statuses.total(),
        ),
        Figure("their answers", ", ".join(f"{count:,} x {status}" for status, count in sorted(statuses.items()))),
        none_of("calls to Twilio for requests that Twilio did not sign", found.calls, found.strangers),
        none_of("lines of the log with a word of a request's text", found.leaks, statuses.total()),
        Figure(
            f"most read of {large:,} bodies of 10 MiB",
            f"{found.most_read / 1024:.0f} KiB",
            "≤ 65 KiB",
            found.most_read <= 65 * 1024,
        ),
    )
    return watch.result("strangers", small + large, SMALL + LARGE, figures)


NOBODYS = "a" * 27 + "="
"""A signature to look at, over nothing."""

MAX_MS, TIMES = 1.0, 30
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": NOBODYS}
_K64 = 64 * 1024


def _posted(body: bytes, path: str = "/conversations", **headers: str) -> Sent:
    return Sent("POST", path, {**_FORM, **headers}, body[:_K64])


ODD_FORMS: Mapping[str, Sent] = {
    "an event with a wrong signature": _posted(
        urlencode({f"Parameter{n}": "CH" + "a" * 32 for n in range(20)}).encode()
    ),
    "64 KiB, as many fields as there may be": _posted(b"&".join(b"a%d=%s" % (n, b"b" * 500) for n in range(120))),
    "64 KiB, 32,768 fields": _posted(b"a&" * (_K64 // 2)),
    "64 KiB of &": _posted(b"&" * _K64),
    "64 KiB of =": _posted(b"=" * _K64),
    "64 KiB of +": _posted(b"a=" + b"+" * _K64),
    "64 KiB, every byte escaped": _posted(b"a=" + b"%41" * (_K64 // 3)),
    "64 KiB, escapes in many fields": _posted(b"&".join(b"a%d=%s" % (n, b"%C3%A4" * 85) for n in range(120))),
    "64 KiB that are no UTF-8": _posted(b"a=" + b"%FF" * (_K64 // 3)),
    "multipart, 9,000 parts": _posted(b"--b\r\n" * 9_000, **{"Content-Type": "multipart/form-data; boundary=b"}),
    "JSON, deeply nested": _posted(b"[" * _K64, **{"Content-Type": "application/json"}),
    "a type that is none": _posted(b"a=b", **{"Content-Type": "x" * 8_000}),
    "a path of 8 KB": _posted(b"a=b", "/a" * 4_000),
    "a query of 60 KB": _posted(b"a=b", "/conversations?" + "a[b]=c&" * 8_500),
    "90 headers of 8 KB": _posted(b"a=b", **{f"X-Header-{n}": "x" * 8_000 for n in range(90)}),
    "a signature of 8 KB": _posted(b"a=b", **{"X-Twilio-Signature": "a" * 8_000}),
    "a trace of 8 KB": _posted(b"a=b", **{"X-Cloud-Trace-Context": "a" * 8_000}),
}


def milliseconds(world: World, sent: Sent) -> float:
    """CPU that it takes to refuse this request, at best: what else the machine does is not our cost."""
    took = []
    for _ in range(TIMES):
        handed_over = environ(sent)
        began = time.process_time()
        world.instance.answer_environ(handed_over)
        took.append(time.process_time() - began)
    return min(took) * 1000


def costs() -> Iterator[Figure]:
    """What strangers cost, whatever they send."""
    with World() as world:
        took = {name: milliseconds(world, sent) for name, sent in ODD_FORMS.items()}
    worst = max(took, key=lambda name: took[name])
    ordinary, *_ = took
    yield Figure(
        f"CPU to refuse the costliest of {len(took)} odd forms: {worst}",
        f"{took[worst]:.2f} ms; {ordinary}: {took[ordinary]:.2f} ms",
        f"< {MAX_MS:.0f} ms",
        took[worst] < MAX_MS,
        timed=True,
    )


def run(watch: Watch) -> Result:
    """Those, and some over a socket."""
    found = generated(watch)
    count = watch.share(SOCKET, 50)
    answered = _over_socket(watch, random.Random(watch.seed), count)
    over_socket = all_of(
        "the same over a socket to a real process: answered so, no call for a stranger", answered, count
    )
    return watch.result(found.name, found.n + count, found.of + SOCKET, (*found.figures, over_socket, *costs()))


def _event(world: World) -> dict[str, str]:
    chat = world.twilio.chat()
    chat.says("customer")
    return world.twilio.event(chat)


def _over_socket(watch: Watch, dice: random.Random, count: int) -> int:
    """How many of so many were answered as they should be."""
    good = 0
    with RunningSimulator() as simulator, tempfile.TemporaryDirectory() as folder:
        twilio, port = Twilio(simulator), free_port()
        with running_function(Path(folder), settings_for(twilio, port, parse_policy({})), port) as function:
            chat = twilio.chat()
            writer = Writer(dice, twilio.event(chat), twilio.account.auth_token, f"{function.url}/conversations")
            for number in watch.through(range(count), "requests over a socket"):
                sent = writer.request()
                before = twilio.counts().requests
                headers = {name: _sendable(value) for name, value in sent.headers.items()}
                signature = headers.pop("X-Twilio-Signature", None)
                status = post(
                    f"http://127.0.0.1:{urlsplit(function.url).port}{sent.path}",
                    sent.body,
                    signature=signature,
                    method=sent.method,
                    headers=headers,
                ).status
                called = twilio.counts().requests - before
                fine = status in ALLOWED and (sent.genuine or not called)
                good += fine
                if not fine:
                    watch.breaks(f"seed {watch.seed}, socket {number}: {status}, {called} calls for {sent}")
    return good


def _sendable(value: str) -> str:
    """What a client can put into a header."""
    return "".join(each for each in value if 32 <= ord(each) < 127)


CAMPAIGN = Campaign("strangers", "whatever anybody sends", run, short=0.002)
