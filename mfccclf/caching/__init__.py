"""A cache of features on disk, by content, that many processes may use at once."""

from mfccclf.caching.cache import CachedFile, CacheInfo, FeatureCache
from mfccclf.caching.location import default_folder, size_limit

__all__ = ["CacheInfo", "CachedFile", "FeatureCache", "default_folder", "size_limit"]
