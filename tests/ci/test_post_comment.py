"""One comment on the pull request for each stack, changed by each preview, and nobody else's."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ci.post_comment import AUTHOR, PAGE, PullRequest
from ci.preview_comment import marker

TOKEN = "a token"
PATH = "/repos/owner/name/issues"


@dataclass
class Comments:
    """The comments of pull request 7, as GitHub keeps them."""

    all: list[dict[str, Any]] = field(default_factory=list)

    def add(self, body: str, author: str = AUTHOR) -> None:
        """Somebody writes."""
        self.all.append({"id": len(self.all) + 1, "user": {"login": author}, "body": body})

    @property
    def bodies(self) -> list[str]:
        """What stands there, the oldest first."""
        return [each["body"] for each in self.all]

    def answer(self, request: Request) -> Response:
        """As GitHub's REST API."""
        if request.headers["Authorization"] != f"Bearer {TOKEN}":
            return Response("{}", 401)
        match request.method, request.path.removeprefix(PATH):
            case "GET", "/7/comments":
                page, size = int(request.args["page"]), int(request.args["per_page"])
                found: Any = self.all[(page - 1) * size : page * size]
            case "POST", "/7/comments":
                self.add(request.get_json()["body"])
                found = self.all[-1]
            case "PATCH", path:
                found = self.all[int(path.rpartition("/")[2]) - 1]
                found["body"] = request.get_json()["body"]
        return Response(json.dumps(found), content_type="application/json")


@pytest.fixture
def comments(httpserver: HTTPServer) -> Iterator[Comments]:
    """A pull request that nobody has written to."""
    kept = Comments()
    for path in (f"{PATH}/7/comments", *(f"{PATH}/comments/{number}" for number in range(1, 2 * PAGE))):
        httpserver.expect_request(path).respond_with_handler(kept.answer)
    return kept


@pytest.fixture
def pull_request(httpserver: HTTPServer, comments: Comments) -> PullRequest:
    """The way to it."""
    return PullRequest(httpserver.url_for("").removesuffix("/"), "owner/name", 7, TOKEN)


def preview(stack: str, said: str) -> str:
    """A comment about a stack."""
    return f"{marker(stack)}\n{said}"


def test_the_next_preview_changes_the_comment_of_its_stack(pull_request: PullRequest, comments: Comments) -> None:
    """Each stack has one."""
    for stack, said in (("dev", "1"), ("prod", "1"), ("prod", "2")):
        pull_request.post(preview(stack, said))

    assert comments.bodies == [preview("dev", "1"), preview("prod", "2")]


def test_the_comment_is_found_behind_many_others(pull_request: PullRequest, comments: Comments) -> None:
    """GitHub lists a hundred at a time."""
    for number in range(PAGE):
        comments.add(f"talk {number}", "somebody")
    comments.add(preview("prod", "1"))

    pull_request.post(preview("prod", "2"))

    assert comments.bodies[PAGE:] == [preview("prod", "2")]


def test_somebody_elses_comment_is_left_alone(pull_request: PullRequest, comments: Comments) -> None:
    """Even if it contains a copy of our marker."""
    comments.add(preview("prod", "quoted"), "somebody")

    pull_request.post(preview("prod", "1"))

    assert comments.bodies == [preview("prod", "quoted"), preview("prod", "1")]


def test_a_token_that_may_not_write_fails_the_job(httpserver: HTTPServer, comments: Comments) -> None:
    """Otherwise nobody would notice that the comment is missing."""
    stranger = PullRequest(httpserver.url_for("").removesuffix("/"), "owner/name", 7, "another token")

    with pytest.raises(HTTPError, match="401"):
        stranger.post(preview("prod", "1"))
