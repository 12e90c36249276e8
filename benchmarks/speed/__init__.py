"""Time mfccclf and its peers; ``python benchmarks/speed --help`` says how."""
