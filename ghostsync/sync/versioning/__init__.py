"""A cycle in the work tree of a git repository: what it waits for, what is committed, and a base that travels with the branch."""
