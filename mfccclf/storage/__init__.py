"""Where a clip's bytes come from: a file, a member of an archive, an address.

Importing this package imports no more than the standard library's smallest parts:
readers of archives, and fsspec, are imported when an address needs them.
"""
