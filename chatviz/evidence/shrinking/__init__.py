"""The smallest recording for which something is still true."""
