"""Front matter: reading YAML, TOML and JSON with line numbers, and editing each in its author's style."""
