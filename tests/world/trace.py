"""Which files and rooms of the function the end of one chat goes through: `python -m tests.world.trace`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tests.world.world import World

FUNCTION = Path(__file__).parents[2] / "function"
AT_IMPORT = frozenset({"<module>", "<lambda>", "<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>"})


@contextmanager
def traced() -> Iterator[list[Path]]:
    """The files whose functions are called in the block, each in the order of its first call."""
    found: list[Path] = []

    def see(frame: FrameType, event: str, _: object) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and path not in found and FUNCTION in path.parents and frame.f_code.co_name not in AT_IMPORT:
            found.append(path)

    sys.setprofile(see)
    try:
        yield found
    finally:
        sys.setprofile(None)


def files_of_an_end() -> list[Path]:
    """Return those of the second webhook of a silent customer's chat, which ends it."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT8M")
        with traced() as found:
            world.twilio.advance("PT2M")
        if chat.state != "closed":
            raise RuntimeError("the chat was not ended")
    return found


def room_of(path: Path) -> str:
    """Return the folder of a file, or the file itself at the top."""
    return path.relative_to(FUNCTION).parts[0]


def main() -> None:
    """Print the path."""
    files, every = files_of_an_end(), [path for path in FUNCTION.rglob("*.py") if path.name != "__init__.py"]
    rooms = list(dict.fromkeys(map(room_of, files)))
    for room in rooms:
        print(f"{room:12} {' '.join(path.stem for path in files if room_of(path) == room)}")
    print(f"{len(files)} of {len(every)} files, {len(rooms)} rooms")


if __name__ == "__main__":
    main()
