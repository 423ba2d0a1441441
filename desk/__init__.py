"""A front-desk console for residential estates: what to do now, in order, under the estate's own manual."""

__version__ = "0.1.0"
