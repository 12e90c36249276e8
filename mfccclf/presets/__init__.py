"""Named settings for whole pipelines, as YAML files."""
