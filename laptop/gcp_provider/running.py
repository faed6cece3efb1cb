"""Google on the laptop: its resources, its provider for the engine, its functions and their front."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from laptop.gcp_provider import functions_api
from laptop.gcp_provider.cloud import Cloud
from laptop.gcp_provider.front import Front
from laptop.gcp_provider.functions import Functions
from laptop.gcp_provider.iam import invokers
from laptop.gcp_provider.identity import Identities
from laptop.gcp_provider.operations import Effect, Operations
from laptop.gcp_provider.protocol import ProviderServer
from laptop.gcp_provider.schedules import Schedules
from laptop.gcp_provider.switches import ALL_WORKS, Switches
from laptop.gcp_provider.tokens import FUNCTION, JOB


class RunningCloud:
    """Runs while the block lasts. What is deployed stays deployed: the next run starts it again.

    Args:
        home: the folder for everything.
        front_port: where the functions answer; 0 for any free port.
        simulator_url: of the simulator whose clock drives schedules; empty for none.
        switches: how the project behaves, until `switch`.

    Raises:
        PortTakenError: on entering, when another process listens on the front's port.
    """

    def __init__(self, home: Path, front_port: int, simulator_url: str = "", switches: Switches = ALL_WORKS) -> None:
        self._home = home
        self._simulator_url = simulator_url
        self._switches = switches
        self._identities = Identities()
        self._front = Front(front_port)
        self._opened = ExitStack()
        self.function_log = home / "functions.log"
        self.provider_port = 0
        self._cloud: Cloud
        self._functions: Functions
        self._operations: Operations
        self._schedules: Schedules

    def __enter__(self) -> "RunningCloud":
        with ExitStack() as opening:
            opening.enter_context(self._front)
            self._cloud = Cloud(self._home / "cloud")
            if self.function_log.exists():
                self.function_log.replace(self.function_log.with_suffix(".previous.log"))
            self._functions = Functions(self._cloud, self._home / "functions", self.function_log)
            opening.callback(self._functions.close)
            self._schedules = Schedules(self._cloud, self._identities, self._simulator_url)
            opening.callback(self._schedules.close)
            effects: dict[str, Effect] = {FUNCTION: self._functions, JOB: self._schedules}
            self._operations = Operations(self._cloud, self._front.url, effects, self._switches)
            server = ProviderServer(self._operations)
            opening.callback(server.close)
            self.provider_port = server.port
            self._functions.restore()
            self._front.serve(self)
            self._schedules.restore()
            self._opened = opening.pop_all()
        return self

    def __exit__(self, *_exc: TracebackType | type[BaseException] | BaseException | None) -> None:
        self._opened.close()

    @property
    def front_url(self) -> str:
        """The functions' common address."""
        return self._front.url

    def switch(self, switches: Switches) -> None:
        """Let the project behave in another way from now on."""
        self._operations.switches = switches

    @property
    def is_empty(self) -> bool:
        """Whether nothing is deployed."""
        return not self._cloud.all()

    def keep_only(self, known: Iterable[tuple[str, str]]) -> list[str]:
        """Remove resources that no state knows (type and id), and return their ids."""
        gone = self._cloud.unlisted(known)
        for resource in gone:
            self._operations.delete(resource.token, resource.id)
        return [resource.id for resource in gone]

    def port(self, name: str, location: str = "") -> int | None:
        """Where the function listens, in any region unless one is named; None when it does not run."""
        return self._functions.port(name, location)

    def locations(self) -> frozenset[str]:
        """The regions in which functions run."""
        return self._functions.locations()

    def names(self) -> list[str]:
        """The functions that run."""
        return self._functions.names()

    def scheduler(self, method: str, path: str) -> tuple[int, dict[str, object]]:
        """Cloud Scheduler's REST API, as far as the operator's command calls it: get, pause and resume a job."""
        return self._schedules.answer(method, path)

    def functions(self, method: str, path: str) -> tuple[int, dict[str, object]]:
        """Cloud Functions' REST API, as far as the operator's command calls it: the list of functions."""
        return functions_api.answer(self._cloud, method, path)

    def identity_token(self, email: str, audience: str) -> str:
        """What Google's metadata server gives a service account to call `audience` with."""
        return self._identities.token(email, audience)

    def may_call(self, name: str, authorization: str | None) -> bool:
        """Whether this Authorization header allows calling the function; a public one needs none."""
        allowed = invokers(self._cloud, name, self._operations.switches.binding_delay)
        return "allUsers" in allowed or (self._identities.member(authorization, f"{self._front.url}/{name}") in allowed)
