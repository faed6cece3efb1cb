"""The commands of `bin/inactivity`, one file each: options, questions and exit status. What they do is in `ops/`."""
