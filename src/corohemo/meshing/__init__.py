"""From lumen to curved tetrahedra."""
