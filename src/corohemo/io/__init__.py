"""Files in and out. The readers and writers import VTK and meshio only when they are called."""
