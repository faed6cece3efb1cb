"""What Google says when it refuses, in its own sentences, as its Terraform provider passes them on.

Each function names the public thread in which its sentence was read, and the day of that entry. Numbers in sentences
are project numbers, as in Google's. What has no source here is said in our own words, where it is refused.
"""

from collections.abc import Mapping
from types import MappingProxyType

_API_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "artifactregistry.googleapis.com": "Artifact Registry API",
        "cloudbuild.googleapis.com": "Cloud Build API",
        "cloudfunctions.googleapis.com": "Cloud Functions API",
        "cloudresourcemanager.googleapis.com": "Cloud Resource Manager API",
        "cloudscheduler.googleapis.com": "Cloud Scheduler API",
        "iam.googleapis.com": "Identity and Access Management (IAM) API",
        "logging.googleapis.com": "Cloud Logging API",
        "monitoring.googleapis.com": "Cloud Monitoring API",
        "run.googleapis.com": "Cloud Run Admin API",
        "secretmanager.googleapis.com": "Secret Manager API",
        "serviceusage.googleapis.com": "Service Usage API",
    }
)


def api_is_off(api: str, project_number: str) -> str:
    """An API that nobody enabled (https://github.com/GoogleCloudPlatform/emblem/issues/757, 2023-01-06)."""
    return (
        f"Error 403: {_API_NAMES.get(api, api)} has not been used in project {project_number} before or it is "
        f"disabled. Enable it by visiting https://console.developers.google.com/apis/api/{api}/overview"
        f"?project={project_number} then retry. If you enabled this API recently, wait a few minutes for the action to "
        "propagate to our systems and retry."
    )


def account_is_missing(email: str) -> str:
    """A service account that does not exist, or not everywhere yet.

    Source: https://github.com/GoogleCloudPlatform/genai-for-marketing/issues/139, 2024-11-07.
    """
    return f"Error 400: Service account {email} does not exist."


def account_exists(account_id: str, project: str) -> str:
    """A service account's name is taken.

    Source: https://github.com/GoogleCloudPlatform/reg-reporting-blueprint/issues/104, 2025-09-23.
    """
    return f"Error 409: Service account {account_id} already exists within project projects/{project}."


def bucket_exists() -> str:
    """A bucket's name is taken by its own project.

    Source: https://github.com/google/exposure-notifications-verification-server/issues/456, 2020-09-02.
    """
    return "Error 409: You already own this bucket. Please select another name., conflict"


def repository_exists() -> str:
    """A repository's name is taken (the API's general words for 409; no thread was kept)."""
    return "Error 409: the repository already exists."


def secret_exists(secret: str) -> str:
    """A secret's name is taken; the thread is that of `bucket_exists`."""
    return f"Error 409: Secret [{secret}] already exists."


def job_exists(job: str) -> str:
    """A job's name is taken (https://github.com/hashicorp/terraform-provider-google/issues/16918, 2024-01-08)."""
    return f"Error 409: Job {job} already exists."


def function_exists(function: str) -> str:
    """A function's name is taken (https://github.com/firebase/firebase-tools/issues/6075, 2023-07-05)."""
    return f"Error 409: Resource '{function}' already exists"


def service_is_missing(name: str, region: str, project: str) -> str:
    """A Cloud Run service that does not exist (`gcloud run services add-iam-policy-binding` in public notes)."""
    return f"Error 404: Resource '{name}' of kind 'SERVICE' in region '{region}' in project '{project}' does not exist."


def build_was_denied_its_source(project_number: str, region: str, function: str, email: str) -> str:
    """The build account's rights are missing, or not known everywhere yet.

    Source: https://github.com/hashicorp/terraform-provider-google/issues/20571, 2024-12-03, with error code 13; public
    notes of 2025 have it with 3.
    """
    bucket = f"gcf-v2-sources-{project_number}-{region}"
    return build_failed(
        f"failed to Fetch: failed to download archive gs://{bucket}/{function}/function-source.zip: Access to bucket "
        f"{bucket} denied. You must grant Storage Object Viewer permission to {email}. If you are using VPC Service "
        "Controls, you must also grant it access to your service perimeter.\n",
        project_number,
        region,
    )


def build_was_denied_its_repository(project_number: str, region: str, repository: str) -> str:
    """The build account may not write to the repository of its images.

    Artifact Registry's words to whoever pulls (https://github.com/googleapis/python-run/issues/54, 2022-09-27), with
    the permission of whoever pushes; the sentence around them is that of `build_failed`.
    """
    return build_failed(
        f'denied: Permission "artifactregistry.repositories.uploadArtifacts" denied on resource "{repository}" (or it '
        "may not exist)",
        project_number,
        region,
    )


def build_failed(reason: str, project_number: str, region: str) -> str:
    """A build that failed for this reason; the sentence around it is that of `build_was_denied_its_source`."""
    return (
        f"Error code 3, message: Build failed with status: FAILURE and message: {reason}. For more details see the "
        f"logs at https://console.cloud.google.com/cloud-build/builds;region={region}/local?project={project_number}"
    )


def secret_is_denied(function: str, secret: str, version: str, email: str) -> str:
    """The function's account may not read a secret, or not yet.

    Cloud Run's words about a service (https://github.com/terraform-google-modules/terraform-docs-samples/pull/168,
    2022-09-30) after those of `container_failed`; no thread was found that has both for a function.
    """
    return (
        f"Error code 3, message: Could not create or update Cloud Run service {function}, Revision '{function}-00001' "
        "is not ready and cannot serve traffic. spec.template.spec.containers[0].env[0].value_from.secret_key_ref.name:"
        f" Permission denied on secret: {secret}/versions/{version} for Revision service account {email}. The service "
        "account used must be granted the 'Secret Manager Secret Accessor' role (roles/secretmanager.secretAccessor) "
        "at the secret, project or higher level."
    )


def container_failed(function: str, last_words: str) -> str:
    """A function that does not start (public notes of 2025-09-13).

    Its last words are ours: Google says "Logs for this revision might contain more information".
    """
    return (
        f"Error code 3, message: Could not create or update Cloud Run service {function}, Container Healthcheck failed."
        f" Revision '{function}-00001' is not ready and cannot serve traffic. The user-provided container failed to "
        f"start and listen on the port defined provided by the PORT=8080 environment variable: {last_words}"
    )


def member_is_not_permitted() -> str:
    """Domain restricted sharing.

    Source: https://github.com/googlemaps/js-route-optimization-app/issues/198, 2025-02-17, with its two spaces.
    """
    return (
        "Error 400: One or more users named in the policy do not belong to a permitted customer,  perhaps due to an "
        "organization policy."
    )


def secret_location_is_forbidden(project_number: str, location: str) -> str:
    """A secret, or one of its replicas, where the organisation allows no resources.

    Source: https://github.com/GoogleCloudPlatform/marketing-analytics-jumpstart/issues/208, 2024-10-10.
    """
    return (
        f"Error 400: Constraint constraints/gcp.resourceLocations violated for [orgpolicy:projects/{project_number}] "
        f"attempting to create a secret in [{location}]"
    )


def bucket_location_is_forbidden(location: str) -> str:
    """A bucket where the organisation allows no resources.

    Source: https://github.com/PaloAltoNetworks/terraform-google-vmseries-modules/issues/148, 2022-12-13.
    """
    return f"Error 412: '{location}' violates constraint 'constraints/gcp.resourceLocations', conditionNotMet"


def ingress_is_forbidden(project: str, ingress: str) -> str:
    """Ingress settings that the organisation does not allow.

    Source: https://github.com/firebase/extensions/issues/977, 2024-04-12, about a function of the first generation; no
    thread was found about the second. The error's number is not in the thread either.
    """
    return (
        f"Error 400: Constraint constraints/cloudfunctions.allowedIngressSettings violated for projects/{project} "
        f"attempting CreateFunctionActionV1 with ingress_settings set to {ingress}."
    )


def caller_is_denied() -> str:
    """Whoever deploys lacks a right (https://github.com/fullsend-ai/fullsend/issues/1294, 2026-05-21)."""
    return "Error 403: Permission denied on resource (or it may not exist)."


def internal_error() -> str:
    """An operation that failed for no reason of ours.

    Source: https://github.com/googlearchive/cloud-functions-emulator/issues/123, 2017-06-29.
    """
    return "Error code 13, message: The service has encountered an internal error. Please try again later"


def no_answer_in_time() -> str:
    """An operation that goes on when its provider no longer waits.

    Source: https://github.com/hashicorp/terraform/issues/31407, 2022-07-08.
    """
    return "timeout while waiting for state to become 'done: true'"
