"""A cache of features on disk, keyed by content, for many processes at once."""

from mfccclf.caching.cache import CachedFile, CacheInfo, FeatureCache
from mfccclf.caching.location import default_folder, size_limit

__all__ = ["CacheInfo", "CachedFile", "FeatureCache", "default_folder", "size_limit"]
