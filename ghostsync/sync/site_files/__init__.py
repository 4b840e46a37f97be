"""Tags, people and settings of the site as files of the folder, kept within a cycle."""
