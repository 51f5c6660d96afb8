"""From a closed lumen surface to a vessel tree with contours: checks, caps, medial axis, cuts."""
