"""What the checks know about the source tree: its files, and C text without comments and strings."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
CODE_FOLDERS = ("src", "tests")

_TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def c_files(root=ROOT):
    """Every .c and .h of the project, in order."""
    found = [path for folder in CODE_FOLDERS for path in (root / folder).rglob("*.[ch]")]
    return sorted(path for path in found if path.is_file())


def text_files(root=ROOT):
    """Every file a person wrote: all but what is built, hidden tool state, and binary data."""
    found = []
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if parts[0].startswith((".git", "build")) or "__pycache__" in parts or not path.is_file():
            continue
        if b"\0" not in path.read_bytes()[:8192]:
            found.append(path)
    return found


def code_only(text):
    """C text whose comments are blank and whose strings are empty; every line keeps its number."""
    def blank(match):
        token = match.group(0)
        quotes = token[0] * 2 if token[0] in "\"'" else " "
        return quotes + "\n" * token.count("\n")
    return _TOKEN.sub(blank, text)
