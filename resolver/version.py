"""The version of this software, as it stands in manifests and receipts."""

from importlib.metadata import version

VERSION = version("guiyi")
