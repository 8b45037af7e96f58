"""One file for each way in which a library reads a stream; each is found by its place here."""
