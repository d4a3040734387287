"""The parts of the linkage engine as objects of recordlinkage, to be mixed with that toolkit's own (docs/toolkit.md).

But for the measures of `resolver.linkage.evaluation` only this package knows recordlinkage and pandas. It is imported
where it is asked for, because that toolkit takes a second to load.
"""

from resolver.toolkit.classifier import MixtureClassifier
from resolver.toolkit.features import LevelFeature, level_features
from resolver.toolkit.frames import to_frame, to_table
from resolver.toolkit.indexing import RuleIndex
from resolver.toolkit.kinds import as_table
from resolver.toolkit.links import links
from resolver.toolkit.reference import link_with_toolkit

__all__ = [
    "LevelFeature",
    "MixtureClassifier",
    "RuleIndex",
    "as_table",
    "level_features",
    "link_with_toolkit",
    "links",
    "to_frame",
    "to_table",
]
