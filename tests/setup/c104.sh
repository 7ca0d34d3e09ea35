#!/bin/sh
# Puts c104, an IEC 60870-5-104 client, into a folder for a test's program: c104.sh PYTHON FOLDER
# It is GPL: a program beside, with a path of its own, never a part of flowrt.
set -eu
[ -d "$2/c104" ] && exit 0
"$1" -m pip install -q --disable-pip-version-check --no-deps --target "$2.new" "c104>=2.2,<3"
mv -T "$2.new" "$2"
