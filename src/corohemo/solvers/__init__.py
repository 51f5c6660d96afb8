"""Flow solvers: steady 3-D finite elements and the reduced-order network."""
