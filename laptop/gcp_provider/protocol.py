"""Pulumi's ResourceProvider protocol over gRPC: it translates requests to `operations`.

It is served in this process, and the engine attaches to it (`PULUMI_DEBUG_PROVIDERS=gcp:PORT`), so that no child
process can be left behind.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as PackedMessage
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, status_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer, add_ResourceProviderServicer_to_server

from laptop.gcp_provider.cloud import Resource
from laptop.gcp_provider.operations import Operations, PartlyDoneError, RefusedError
from laptop.gcp_provider.values import Properties, from_struct, to_struct

_VERSION = "10.2.0"
_GET_FUNCTION = "gcp:cloudfunctionsv2/getFunction:getFunction"
_DETAILS = "grpc-status-details-bin"
"""gRPC's name of the metadata that carries an error's details."""
_MAX_MESSAGE = 400 * 1024 * 1024  # the engine's own limit

_Handler = Callable[[Any, Any, grpc.ServicerContext], Any]


def _refusals_as_errors(handler: _Handler) -> _Handler:
    """Answer a refusal with one line, which the engine shows, instead of a traceback."""

    @wraps(handler)
    def wrapper(self: Any, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return handler(self, request, context)
        except PartlyDoneError as error:
            context.set_trailing_metadata(((_DETAILS, _initialisation_failed(error)),))
            return context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except RefusedError as error:
            return context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        except (OSError, ValueError, KeyError) as error:
            return context.abort(grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}")

    return wrapper


def _initialisation_failed(error: PartlyDoneError) -> bytes:
    """What tells the engine to record a resource that exists and is not right, as the real provider does.

    With a failed creation it is in the state with its errors, and a refresh that reads it without any clears them.
    """
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.resource.id,
        properties=_outputs(error.resource),
        inputs=to_struct(error.resource.inputs),
        reasons=[str(error)],
    )
    packed = PackedMessage()
    packed.Pack(detail)
    code, _ = grpc.StatusCode.UNKNOWN.value
    serialized: bytes = status_pb2.Status(code=code, message=str(error), details=[packed]).SerializeToString()
    return serialized


class Provider(ResourceProviderServicer):
    """The protocol's methods. Method names and request types are the protocol's."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def Handshake(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Secrets stay marked."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=False, accept_outputs=False)

    def Attach(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """The engine attached to this provider."""
        return Empty()

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """The version of pulumi-gcp whose types are served."""
        return plugin_pb2.PluginInfo(version=_VERSION)

    def CheckConfig(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Any configuration of the provider is accepted."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """No change of the configuration replaces the provider."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    @_refusals_as_errors
    def Configure(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Set project and region for resources that name none."""
        given = from_struct(request.args)
        self._operations.configure(given.get("project"), given.get("region"))
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=False)

    @_refusals_as_errors
    def Check(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Inputs with defaults, or what is wrong with them."""
        token, name = _type_and_name(request)
        inputs, problems = self._operations.check(token, name, from_struct(request.olds), from_struct(request.news))
        failures = [provider_pb2.CheckFailure(property=found.path, reason=found.reason) for found in problems]
        return provider_pb2.CheckResponse(inputs=to_struct(inputs), failures=failures)

    @_refusals_as_errors
    def Diff(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """What changed between the old inputs and the new ones."""
        token, name = _type_and_name(request)
        found = self._operations.diff(token, name, from_struct(request.old_inputs), from_struct(request.news))
        changes = provider_pb2.DiffResponse.DIFF_SOME if found.changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=changes, diffs=found.changed, replaces=found.replaces, deleteBeforeReplace=found.delete_first
        )

    @_refusals_as_errors
    def Create(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Create it; in a preview, answer with what is known before."""
        token, _ = _type_and_name(request)
        inputs = from_struct(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=to_struct(self._operations.previewed(token, inputs)))
        made = self._operations.create(token, inputs)
        return provider_pb2.CreateResponse(id=made.id, properties=_outputs(made))

    @_refusals_as_errors
    def Read(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """The resource as it is now; an empty id when it does not exist."""
        token, _ = _type_and_name(request)
        found = self._operations.read(token, request.id, from_struct(request.properties))
        if found is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=found.id, properties=_outputs(found), inputs=to_struct(found.inputs))

    @_refusals_as_errors
    def Update(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Update it; in a preview, answer with what it would be."""
        token, _ = _type_and_name(request)
        inputs = from_struct(request.news)
        if request.preview:
            outputs: Properties = self._operations.previewed(token, inputs, from_struct(request.olds))
            return provider_pb2.UpdateResponse(properties=to_struct(outputs))
        return provider_pb2.UpdateResponse(properties=_outputs(self._operations.update(token, request.id, inputs)))

    @_refusals_as_errors
    def Delete(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Remove it."""
        token, _ = _type_and_name(request)
        self._operations.delete(token, request.id)
        return Empty()

    @_refusals_as_errors
    def Invoke(self, request: Any, _context: Any) -> Any:  # noqa: N802
        """Answer a data source."""
        if request.tok != _GET_FUNCTION:
            raise RefusedError(f"the laptop has no data source {request.tok}, only {_GET_FUNCTION}")
        answer = self._operations.get_function(from_struct(request.args))
        return provider_pb2.InvokeResponse(**{"return": to_struct(answer)})

    def Cancel(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        """Nothing here takes long enough to be cancelled."""
        return Empty()


class ProviderServer:
    """The provider's gRPC server on a free port of the loopback interface."""

    def __init__(self, operations: Operations) -> None:
        options = [("grpc.max_receive_message_length", _MAX_MESSAGE), ("grpc.max_send_message_length", _MAX_MESSAGE)]
        self._server = grpc.server(ThreadPoolExecutor(max_workers=16, thread_name_prefix="gcp"), options=options)
        add_ResourceProviderServicer_to_server(Provider(operations), self._server)
        self.port: int = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def close(self) -> None:
        """Stop serving, after the running calls."""
        self._server.stop(grace=5).wait()


def _type_and_name(request: Any) -> tuple[str, str]:
    """From the URN: `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`."""
    _, _, types, name = request.urn.split("::", 3)
    return types.rpartition("$")[2], name


def _outputs(resource: Resource) -> Any:
    return to_struct(resource.outputs)
