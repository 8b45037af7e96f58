"""Many recordings as one data set: found in folders, archives and stores, read file by file."""
