"""The function and the simulated Twilio in one process, in virtual time: no socket, no Pulumi, no waiting."""
