"""What the checks know about the source tree: its files, and C text without comments and strings."""

import json
import pathlib
import re
import shlex

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


def compiled():
    """(file, the compiler's arguments, the directory they are for) of every C file of the project that build/
    compiles, once, in order; without the compiler, its output and the file itself."""
    found = {}
    for entry in json.loads((ROOT / "build/compile_commands.json").read_text()):
        path = (pathlib.Path(entry["directory"]) / entry["file"]).resolve()
        if path.suffix == ".c" and path.is_relative_to(ROOT) and not path.is_relative_to(ROOT / "build"):
            found.setdefault(path, (path, _arguments(entry), entry["directory"]))
    return [found[path] for path in sorted(found)]


def _arguments(entry):
    kept, skip = [], False
    for word in shlex.split(entry["command"])[1:]:
        if skip or word in ("-c", entry["file"]):
            skip = False
        elif word in ("-o", "-MF", "-MQ"):
            skip = True
        elif word != "-MD":
            kept.append(word)
    return kept
