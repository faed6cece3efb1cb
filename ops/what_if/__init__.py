"""`inactivity what-if`: what a policy would have done to the chats of the past, by the function's own decisions."""
