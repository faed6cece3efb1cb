"""The world that tests and campaigns play in: the simulator and the function, over sockets or in one process."""
