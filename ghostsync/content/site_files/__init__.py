"""What a site is made of beside its posts, as YAML files: tags (both ways), people and settings (from Ghost only). Pure."""
