"""Programs of other packages that the rows are compared with."""
