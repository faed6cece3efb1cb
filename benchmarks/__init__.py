"""What this project costs in time and memory, measured by commands that anyone can run: `make figures`."""
