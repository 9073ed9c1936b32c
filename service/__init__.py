"""Cases and the messages in them."""
