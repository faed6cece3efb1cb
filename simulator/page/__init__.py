"""The page for people: chats with their timers, what is said in them, and buttons to act, wait and break things."""
