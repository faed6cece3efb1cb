"""The function: pure parts by tables and properties, the rest as the zip runs it, against the simulator."""
