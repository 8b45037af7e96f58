"""Where chat requests are sent, and with which key."""
