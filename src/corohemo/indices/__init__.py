"""From flow fields on plain arrays to clinical and mechanical indices."""
