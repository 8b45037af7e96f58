"""A data set on Dask: the same files, tasks and rows, on many machines."""
