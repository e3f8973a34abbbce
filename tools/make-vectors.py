#!/usr/bin/env python3
"""make-vectors.py [FOLDER]: writes vectors/<type>/<behaviour>/ anew (vectors/README.md tells the format). The same bytes each time.

The texts and the cryptography are the script's own (tools/vectors/): no SDK and no library of this project has a part in them."""
import json
import shutil
import sys
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TREE / "tools/vectors"))

import behaviours  # noqa: E402
import clients  # noqa: E402


def write(folder, context, files):
    folder.mkdir(parents=True)
    (folder / "context.json").write_text(json.dumps(context, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for name, content in files.items():
        (folder / name).write_bytes(content)


def main(root):
    count = 0
    folders = [*behaviours.all_folders(TREE / "vectors/keys"), *clients.all_folders(TREE / "vectors/cases")]
    for name in (*behaviours.TYPES, *clients.SCHEMES):
        shutil.rmtree(root / name, ignore_errors=True)
    for path, context, files in folders:
        write(root / path, context, files)
        count += len(context["expect"])
    print(f"{count} cases")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TREE / "vectors")
