"""What tests and campaigns drive: the simulator and the function, over sockets or in one process."""
