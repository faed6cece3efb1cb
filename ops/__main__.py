"""`bin/inactivity` runs this: the operator's command, or one line about what its environment lacks."""

import sys

if __name__ == "__main__":
    try:
        from ops.command import app
    except ModuleNotFoundError as error:
        sys.stderr.write(f"inactivity: the environment in .venv has no {error.name}: run `make setup`\n")
        sys.exit(2)
    app(prog_name="inactivity")
