"""The function: pure parts by tables and properties, the rest as the zip would run it, against the simulator."""
