"""The provider's own process, as the CLI starts it: real gRPC, pickled providers, config with secrets."""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.dynamic import ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from infra.rights_in_effect import RightsInEffectProvider
from infra.signed_test_event import SignedTestEventProvider
from infra.twilio_resources.default_timers import DefaultTimersProvider
from infra.twilio_resources.prior_settings import PriorSettingsProvider
from infra.twilio_resources.service_webhook import ServiceWebhookProvider
from infra.twilio_resources.task_events import TaskEventsProvider
from tests.infra.account import TwilioAccount
from tests.infra.deployment import EVENTS_URL, URL
from tests.infra.program_graph import declare

ROOT = Path(__file__).resolve().parents[2]
PROVIDERS: dict[str, type[ResourceProvider]] = {
    "infra.rights_in_effect.RightsInEffectProvider": RightsInEffectProvider,
    "infra.signed_test_event.SignedTestEventProvider": SignedTestEventProvider,
    "infra.twilio_resources.prior_settings.PriorSettingsProvider": PriorSettingsProvider,
    "infra.twilio_resources.service_webhook.ServiceWebhookProvider": ServiceWebhookProvider,
    "infra.twilio_resources.default_timers.DefaultTimersProvider": DefaultTimersProvider,
    "infra.twilio_resources.task_events.TaskEventsProvider": TaskEventsProvider,
}

Props = dict[str, Any]


class ProviderProcess:
    """A client of the provider's process that sends what the engine sends."""

    def __init__(self, stub: provider_pb2_grpc.ResourceProviderStub) -> None:
        self.stub = stub

    def configure(self, config: Props) -> None:
        """Hand over the stack's config."""
        self.stub.Configure(provider_pb2.ConfigureRequest(args=_struct(config), acceptSecrets=True))

    def create(self, inputs: Props) -> tuple[str, Props]:
        """Check and create; id and outputs."""
        made = self.stub.Create(provider_pb2.CreateRequest(properties=_struct(self.check({}, inputs))))
        return made.id, _dict(made.properties)

    def check(self, olds: Props, news: Props) -> Props:
        """The checked inputs."""
        answer = self.stub.Check(provider_pb2.CheckRequest(olds=_struct(olds), news=_struct(news)))
        assert not answer.failures, answer.failures
        return _dict(answer.inputs)

    def changes(self, id_: str, olds: Props, news: Props) -> bool:
        """Whether an update is due."""
        answer = self.stub.Diff(provider_pb2.DiffRequest(id=id_, olds=_struct(olds), news=_struct(news)))
        return bool(answer.changes == provider_pb2.DiffResponse.DIFF_SOME)

    def update(self, id_: str, olds: Props, news: Props) -> Props:
        """The new outputs."""
        answer = self.stub.Update(provider_pb2.UpdateRequest(id=id_, olds=_struct(olds), news=_struct(news)))
        return _dict(answer.properties)

    def read(self, id_: str, props: Props) -> tuple[str, Props, Props]:
        """Id, outputs and inputs as they stand."""
        answer = self.stub.Read(provider_pb2.ReadRequest(id=id_, properties=_struct(props)))
        return answer.id, _dict(answer.properties), _dict(answer.inputs)

    def delete(self, id_: str, props: Props) -> None:
        """Take it back."""
        self.stub.Delete(provider_pb2.DeleteRequest(id=id_, properties=_struct(props)))


@pytest.fixture
def process(account: TwilioAccount) -> Iterator[ProviderProcess]:
    """The process, configured for the simulator's account."""
    child = subprocess.Popen(
        [sys.executable, "-u", "-m", "pulumi.dynamic"],
        cwd=ROOT,
        env=os.environ | {"PULUMI_PROJECT": "p"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout
        port = int(child.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            process = ProviderProcess(provider_pb2_grpc.ResourceProviderStub(channel))
            process.configure({"p:twilioAuthToken": account.token, "p:twilioBaseUrl": account.url})
            yield process
    finally:
        child.terminate()
        child.communicate(timeout=10)


@pytest.mark.parametrize("path", PROVIDERS)
def test_a_provider_is_in_the_state_as_a_name_and_nothing_else(path: str) -> None:
    """The state has no code and no secret, and the present code works with an earlier state.

    The names are frozen here: if a module or a class moves, the old name must stay.
    """
    module, _, name = path.rpartition(".")

    pickled = base64.b64decode(serialize_provider(PROVIDERS[path]()))

    assert module.encode() in pickled
    assert name.encode() in pickled
    assert len(pickled) < len(path) + 30


def test_the_types_in_urns_never_change() -> None:
    """A changed type is another resource: the old one would be restored after the new one was written."""
    config = {"twilioAccountSid": "AC" + "0a" * 16, "twilioAuthToken": "5e" * 16, "gcp:project": "a-project"}
    graph = declare(config | {"timers": "on-accept"}, secrets={"twilioAuthToken"}, preview=False)
    also = declare(config, secrets={"twilioAuthToken"}, preview=False)

    names = {
        *("google:RightsInEffect", "google:SignedTestEvent"),
        *("twilio:PriorSettings", "twilio:ServiceWebhook", "twilio:DefaultTimers", "twilio:TaskEvents"),
    }
    declared = {each.type for one in (graph, also) for each in one.resources.values()}
    assert {kind for kind in declared if "dynamic" in kind} == {f"pulumi-python:dynamic/{name}" for name in names}


def test_the_life_of_all_in_the_providers_process(account: TwilioAccount, process: ProviderProcess) -> None:
    """Create, the same again, drift, read, update, delete: through pickling, protobuf and threads as in production."""
    before = account.settings()
    prior_id, prior = process.create(_prior(account))
    webhook_inputs = _webhook(account, prior)
    webhook_id, webhook = process.create(webhook_inputs)
    timers_inputs = _timers(account, prior)
    timers_id, timers = process.create(timers_inputs)
    events_inputs = _events(account, prior)
    events_id, events = process.create(events_inputs)
    assert account.settings()[account.service_webhook]["post_webhook_url"] == URL
    assert account.event_callback() == (EVENTS_URL, "reservation.accepted")
    assert not process.changes(events_id, events, events_inputs)
    assert not process.changes(webhook_id, webhook, process.check(webhook_inputs, webhook_inputs))
    assert not process.changes(timers_id, timers, timers_inputs)

    account.write(account.service_webhook, Method="GET")
    account.write("Configuration", DefaultInactiveTimer="PT45M")
    account.write(account.workspace, EventsFilter="task.created")
    _, webhook, live_inputs = process.read(webhook_id, webhook)
    assert live_inputs["method"] == "GET"
    assert process.changes(webhook_id, webhook, webhook_inputs)
    webhook = process.update(webhook_id, webhook, webhook_inputs)
    _, timers, live_inputs = process.read(timers_id, timers)
    assert live_inputs["inactive"] == "PT45M"
    timers = process.update(timers_id, timers, timers_inputs)

    _, events, live_inputs = process.read(events_id, events)
    assert live_inputs["events"] == ["task.created"]
    events = process.update(events_id, events, events_inputs)

    for id_, props in ((events_id, events), (timers_id, timers), (webhook_id, webhook), (prior_id, prior)):
        process.delete(id_, props)
    assert account.settings() == before


def test_moved_code_is_an_update(account: TwilioAccount, process: ProviderProcess) -> None:
    """The reference to the provider in the state must follow the code, or a later delete would not find it."""
    _, prior = process.create(_prior(account))
    inputs = _webhook(account, prior)
    id_, webhook = process.create(inputs)

    assert process.changes(id_, webhook | {"__provider": _pickled(DefaultTimersProvider)}, inputs)


def test_an_error_is_one_line_without_traceback_and_secret(account: TwilioAccount, process: ProviderProcess) -> None:
    """It is shown to everybody who sees the run."""
    process.configure({"p:twilioAuthToken": "0" * 32, "p:twilioBaseUrl": account.url})

    with pytest.raises(grpc.RpcError) as refused:
        process.stub.Create(provider_pb2.CreateRequest(properties=_struct(_prior(account))))

    said = refused.value.details()
    assert "refuses the credentials" in said
    assert len(said.splitlines()) == 1
    assert "0" * 32 not in said


def _prior(account: TwilioAccount) -> Props:
    return {
        "__provider": _pickled(PriorSettingsProvider),
        "account_sid": account.sid,
        "wanted_service_sid": "",
        "wanted_workspace_sid": "",
        "webhook_url": URL,
        "inactive": "PT8M",
        "closed": "",
        "events_url": EVENTS_URL,
        "takeover": False,
    }


def _webhook(account: TwilioAccount, prior: Props) -> Props:
    return {
        "__provider": _pickled(ServiceWebhookProvider),
        "account_sid": account.sid,
        "service_sid": prior["service_sid"],
        "url": URL,
        "method": "POST",
        "events": ["onConversationStateUpdated"],
        "own_urls": prior["own_urls"],
        "prior": prior["previous_webhook"],
        "takeover": False,
    }


def _timers(account: TwilioAccount, prior: Props) -> Props:
    return {
        "__provider": _pickled(DefaultTimersProvider),
        "account_sid": account.sid,
        "inactive": "PT8M",
        "closed": "",
        "own_timers": prior["own_timers"],
        "prior": prior["previous_timers"],
        "takeover": False,
    }


def _events(account: TwilioAccount, prior: Props) -> Props:
    return {
        "__provider": _pickled(TaskEventsProvider),
        "account_sid": account.sid,
        "workspace_sid": prior["workspace_sid"],
        "url": EVENTS_URL,
        "events": ["reservation.accepted"],
        "own_urls": prior["own_event_urls"],
        "prior": prior["previous_events"],
        "takeover": False,
    }


def _pickled(kind: type[ResourceProvider]) -> str:
    return str(serialize_provider(kind()))


def _struct(props: Props) -> struct_pb2.Struct:
    return json_format.ParseDict(props, struct_pb2.Struct())


def _dict(struct: struct_pb2.Struct) -> Props:
    found: Props = json_format.MessageToDict(struct)
    return found
