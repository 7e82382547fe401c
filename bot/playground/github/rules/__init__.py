"""What GitHub refuses beyond permissions: anchors, sizes, and where a comment stands today."""
