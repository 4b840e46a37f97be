"""Mobiledoc, the way Ghost 2 to 4 keep a body (and Ghost 5 that of old posts) <-> Lexical, our one inner form.

document.py is the format itself, read.py and write.py map its sections, cards.py and inline.py what is in them.
"""

from ghostsync.content.mobiledoc.read import mobiledoc_to_lexical
from ghostsync.content.mobiledoc.write import lexical_to_mobiledoc, native

__all__ = ["lexical_to_mobiledoc", "mobiledoc_to_lexical", "native"]
