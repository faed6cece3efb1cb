"""`bin/inactivity` runs this: the operator's command, or one line about what its environment lacks."""

import sys

if __name__ == "__main__":
    try:
        from ops.command import app
        from ops.terminal import NOTHING_DONE, forget_output, spell_what_the_terminal_lacks
    except ModuleNotFoundError as error:
        sys.stderr.write(f"inactivity: the environment in .venv has no {error.name}: run `make setup`\n")
        sys.exit(2)
    spell_what_the_terminal_lacks()
    try:
        app(prog_name="inactivity")
    except OSError as error:  # a full disk, under a command that only shows something
        forget_output()
        sys.stderr.write(f"inactivity: the output cannot be written ({error})\n")
        sys.exit(NOTHING_DONE)
