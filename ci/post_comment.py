"""Put previews on a pull request, one comment for each stack: the next preview of a stack changes its comment.

`ci/post_comment.py COMMENT_FILE...`, with GITHUB_TOKEN, GITHUB_REPOSITORY and PULL_REQUEST in the environment, and
GITHUB_API_URL where it is not GitHub's own. Standard library only: the job that may write to the pull request runs
nothing else.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

AUTHOR: Final = "github-actions[bot]"
"""Whoever writes with a workflow's own token. A comment of somebody else's that begins with our marker is theirs."""

PAGE: Final = 100
"""Comments in one answer, the maximum (https://docs.github.com/en/rest/issues/comments)."""

TIMEOUT_SECONDS: Final = 30


@dataclass(frozen=True)
class PullRequest:
    """The comments of one pull request.

    Attributes:
        api: GitHub's REST API.
        repository: as `owner/name`.
        number: of the pull request.
        token: may write its comments.
    """

    api: str
    repository: str
    number: int
    token: str

    def post(self, text: str) -> None:
        """Write the comment, in the place of the one of ours that begins with the same line.

        Raises:
            urllib.error.URLError: GitHub cannot be reached, or refuses.
        """
        marker = text.partition("\n")[0]
        for comment in self._comments():
            if comment["user"]["login"] == AUTHOR and comment["body"].startswith(marker):
                self._call("PATCH", f"issues/comments/{comment['id']}", {"body": text})
                return
        self._call("POST", f"issues/{self.number}/comments", {"body": text})

    def _comments(self) -> Iterator[dict[str, Any]]:
        page = 1
        while found := self._call("GET", f"issues/{self.number}/comments?per_page={PAGE}&page={page}"):
            yield from found
            page += 1

    def _call(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 -- the address is the CI's own
            f"{self.api}/repos/{self.repository}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Accept": "application/vnd.github+json",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            return json.load(answer)


def main(files: list[str]) -> int:
    """Post each file."""
    pull_request = PullRequest(
        api=os.environ.get("GITHUB_API_URL", "https://api.github.com"),
        repository=os.environ["GITHUB_REPOSITORY"],
        number=int(os.environ["PULL_REQUEST"]),
        token=os.environ["GITHUB_TOKEN"],
    )
    for file in files:
        pull_request.post(Path(file).read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
