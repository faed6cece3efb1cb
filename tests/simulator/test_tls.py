"""Twilio's own host names over TLS: which are answered, what a client trusts, and what stays on this machine."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from cryptography import x509

from simulator.names import EDGES, PRODUCTS, REGIONS, host
from simulator.running import RunningSimulator

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    """A simulator with a TLS port, its authority in a cache of this test's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        with RunningSimulator(tls=True) as simulator:
            yield simulator


def authority(simulator: RunningSimulator) -> str:
    """The file of its authority."""
    return simulator.client_environment()["REQUESTS_CA_BUNDLE"]


def handshake(simulator: RunningSimulator, name: str) -> str:
    """Connect as a strict client that trusts the authority and asks for a name; return the agreed protocol."""
    context = ssl.create_default_context(cafile=authority(simulator))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with (
        socket.create_connection(("127.0.0.1", simulator.tls_port or 0), timeout=10) as raw,
        context.wrap_socket(raw, server_hostname=name) as connection,
    ):
        return connection.version() or ""


def by_proxy(simulator: RunningSimulator) -> requests.Session:
    """A client that knows only a proxy and an authority."""
    session = requests.Session()
    session.trust_env = False
    session.auth = (simulator.account_sid, simulator.auth_token)
    session.proxies = {"https": f"http://127.0.0.1:{simulator.tls_port}"}
    session.verify = authority(simulator)
    return session


def test_the_certificate_is_valid_for_every_name(tls: RunningSimulator) -> None:
    """Each product alone, with a region, and with each edge in each region."""
    names = [host(product) for product in PRODUCTS]
    names += [host("conversations", None, region) for region in REGIONS]
    names += [host("flex-api", edge, region) for edge in EDGES for region in REGIONS]

    assert {handshake(tls, name) for name in [*names, "localhost", "127.0.0.1"]} == {"TLSv1.3"}


def test_the_certificate_is_not_valid_for_another_name(tls: RunningSimulator) -> None:
    """It is valid for Twilio's names and this machine only."""
    with pytest.raises(ssl.SSLCertVerificationError, match=r"example\.com"):
        handshake(tls, "www.example.com")


def test_the_authority_is_limited_to_these_names(tls: RunningSimulator) -> None:
    """By critical name constraints: a client that keeps trusting it risks nothing elsewhere."""
    certificate = x509.load_pem_x509_certificate(Path(authority(tls)).read_bytes())
    constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints)

    assert constraints.critical
    assert [str(subtree.value) for subtree in constraints.value.permitted_subtrees or ()] == [
        "twilio.com",
        "localhost",
        "127.0.0.0/8",
    ]


def test_no_private_key_is_on_the_disk(tls: RunningSimulator) -> None:
    """The cache contains one certificate."""
    folder = Path(authority(tls)).parent

    assert list(folder.iterdir()) == [Path(authority(tls))]
    assert "PRIVATE KEY" not in Path(authority(tls)).read_text()


def test_each_start_has_a_new_authority_that_is_deleted_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No client keeps trusting a simulator that has ended."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    seen: list[str] = []
    for _ in range(2):
        with RunningSimulator(tls=True) as simulator:
            path = Path(authority(simulator))
            seen.append(path.read_text())
        assert not path.exists()

    assert seen[0] != seen[1]


@pytest.mark.parametrize("product", ["conversations", "taskrouter"])
@pytest.mark.parametrize("place", ["", ".us1", ".dublin.us1"])
def test_addresses_in_answers_are_the_real_hosts(tls: RunningSimulator, product: str, place: str) -> None:
    """`url` and the pages' addresses: https, the requested name, no port."""
    collection = {"conversations": "Services", "taskrouter": "Workspaces"}[product]
    base = f"https://{product}{place}.twilio.com/v1/{collection}"
    with by_proxy(tls) as client:
        answer = client.get(base, params={"PageSize": 1}, timeout=10).json()

    assert answer["meta"]["first_page_url"] == f"{base}?PageSize=1&Page=0"
    assert answer[collection.lower()][0]["url"].startswith(f"{base}/")


@pytest.mark.parametrize("place", [".ie1", ".dublin.ie1", ".sydney.au1"])
def test_another_region_refuses_every_key(tls: RunningSimulator, place: str) -> None:
    """Keys belong to a region: 401, 20003, whatever the product."""
    with by_proxy(tls) as client:
        answers = [client.get(f"https://{product}{place}.twilio.com/v1/Services", timeout=10) for product in PRODUCTS]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(401, 20003)}


def test_the_next_page_is_reached_by_its_own_address(tls: RunningSimulator) -> None:
    """A client's paging requests what `next_page_url` says."""
    with by_proxy(tls) as client:
        for name in ("first", "second"):
            client.post("https://conversations.twilio.com/v1/Services", data={"FriendlyName": name}, timeout=10)
        page = client.get("https://conversations.twilio.com/v1/Services?PageSize=2", timeout=10).json()
        following = client.get(page["meta"]["next_page_url"], timeout=10).json()

    assert page["meta"]["next_page_url"].startswith("https://conversations.twilio.com/v1/Services?")
    assert [service["friendly_name"] for service in following["services"]] == ["second"]


def test_one_connection_serves_many_requests(tls: RunningSimulator) -> None:
    """Keep-alive, also behind CONNECT."""
    tls.control("DELETE", "log")
    with by_proxy(tls) as client:
        for _ in range(3):
            client.get("https://flex-api.twilio.com/v1/Configuration", timeout=10)

    assert len({request["connection"] for request in tls.control("GET", "requests")["requests"]}) == 1


def test_a_fault_breaks_a_tls_connection_too(tls: RunningSimulator) -> None:
    """The client sees a connection that was reset, not an answer."""
    tls.control("POST", "faults", {"match": "/v1/Configuration", "kind": "reset"})
    with by_proxy(tls) as client, pytest.raises(requests.ConnectionError):
        client.get("https://flex-api.twilio.com/v1/Configuration", timeout=10)


def test_faults_and_the_log_know_both_ways_in_by_one_name(tls: RunningSimulator) -> None:
    """The product's prefix comes first, also for requests by host name."""
    tls.control("POST", "faults", {"match": "^GET /flex-api/v1/Configuration$", "kind": "status", "status": 503})
    with by_proxy(tls) as client:
        statuses = [client.get("https://flex-api.twilio.com/v1/Configuration", timeout=10).status_code for _ in "12"]
    logged = tls.control("GET", "requests")["requests"][-1]

    assert statuses == [503, 200]
    assert logged["path"] == "/flex-api/v1/Configuration"


@pytest.mark.parametrize("target", ["example.com:443", "twilio.com.example.com:443", "conversations.twilio.com:80"])
def test_the_proxy_refuses_other_names(tls: RunningSimulator, target: str) -> None:
    """No test can reach the network by mistake."""
    connection = http.client.HTTPConnection("127.0.0.1", tls.tls_port or 0, timeout=10)
    connection.request("CONNECT", target)
    answer = connection.getresponse()
    why = answer.read().decode()
    connection.close()

    assert answer.status == 403
    assert target in why


def test_plain_http_on_the_tls_port_gets_an_explanation(tls: RunningSimulator) -> None:
    """It is not ignored, and there is no traceback."""
    connection = http.client.HTTPConnection("127.0.0.1", tls.tls_port or 0, timeout=10)
    connection.request("GET", "/v1/Services")
    answer = connection.getresponse()
    why = answer.read().decode()
    connection.close()

    assert answer.status == 400
    assert "TLS" in why


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the documented command."""
    return subprocess.run(
        [sys.executable, "-m", "simulator", "names", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_one_command_prints_the_mapping_and_the_authority(tls: RunningSimulator) -> None:
    """Hosts lines, variables, the certificate's path and the certificate."""
    printed = command("--tls-port", str(tls.tls_port)).stdout

    for product in PRODUCTS:
        assert f"127.0.0.1 {product}.twilio.com\n" in printed
    for name, value in tls.client_environment().items():
        assert f"{name}={value}\n" in printed
    assert authority(tls) in printed
    assert printed.endswith(Path(authority(tls)).read_text())


def test_each_part_can_be_printed_alone(tls: RunningSimulator) -> None:
    """For `>> /etc/hosts`, `env $(...)` and `> authority.pem`."""
    port = str(tls.tls_port)

    assert (
        (command("--hosts", "--edge", "dublin", "--region", "ie1").stdout.splitlines()[0])
        == "127.0.0.1 conversations.dublin.ie1.twilio.com"
    )
    assert (
        dict(line.split("=", 1) for line in command("--env", "--tls-port", port).stdout.splitlines())
        == tls.client_environment()
    )
    assert command("--authority", "--tls-port", port).stdout == Path(authority(tls)).read_text()


def test_without_a_simulator_it_explains_what_to_start() -> None:
    """There is no stale path and no traceback."""
    done = command("--env", "--tls-port", "1")

    assert done.returncode == 1
    assert "--tls" in done.stderr
    assert done.stdout == ""


def process(tmp_path: Path, *arguments: str) -> subprocess.Popen[str]:
    """`python -m simulator` with a cache of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "simulator", "--port", "0", "--tls", *arguments],
        cwd=ROOT,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_command_prints_its_tls_port_and_its_authority(tmp_path: Path) -> None:
    """Both are there from the line that says so, and the authority is gone when the command has ended."""
    simulator = process(tmp_path, "--tls-port", "0")
    assert simulator.stdout
    printed = dict(simulator.stdout.readline().strip().split(": ", 1) for _ in range(5))
    path, port = Path(printed["authority"]), int(printed["TLS port"].partition(",")[0])
    answer = requests.get(
        f"https://127.0.0.1:{port}/conversations/v1/Services",
        auth=(printed["account SID"], printed["auth token"]),
        verify=str(path),
        timeout=10,
    )
    simulator.send_signal(signal.SIGTERM)
    _, errors = simulator.communicate(timeout=10)

    assert answer.status_code == 200
    assert f"https://127.0.0.1:{port}/conversations/v1/Services/" in answer.json()["services"][0]["url"]
    assert path.is_relative_to(tmp_path)
    assert not path.exists()
    assert errors == ""


def test_a_client_that_does_not_trust_it_is_reported_once(tmp_path: Path) -> None:
    """The simulator prints a message."""
    simulator = process(tmp_path, "--tls-port", "0")
    assert simulator.stdout
    printed = dict(simulator.stdout.readline().strip().split(": ", 1) for _ in range(5))
    port = int(printed["TLS port"].partition(",")[0])
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"https://127.0.0.1:{port}/", timeout=10)
    simulator.send_signal(signal.SIGTERM)
    _, errors = simulator.communicate(timeout=10)

    assert errors.count("trust the authority") == 1
    assert "Traceback" not in errors


def test_a_tls_port_in_use_is_named_with_its_own_way_out(tmp_path: Path) -> None:
    """The message names the option that chooses another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        simulator = process(tmp_path, "--tls-port", str(port))
        _, errors = simulator.communicate(timeout=20)

    assert simulator.returncode == 1
    assert f"127.0.0.1:{port}" in errors
    assert "--tls-port" in errors
