"""Tables of a data set as Parquet files: written part by part, read back, handed to others."""
