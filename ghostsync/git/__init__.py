"""The git repository that a folder lies in: what it holds, what branch it is on, and commits of what ghostsync wrote.

Everything goes through the `git` command line, so that the user's hooks, signing, credentials and settings hold.
"""
