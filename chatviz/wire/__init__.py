"""What passes on the wire: bytes in, timed events out; no file, clock or network is known here."""
