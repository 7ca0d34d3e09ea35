#!/bin/sh
# Makes a virtual environment on a machine that may lack Debian's python3-venv.
set -eu
target=$1
python=${PYTHON:-python3}

command -v "$python" >/dev/null || { echo "setup: $python is missing; install Python 3.11 or newer" >&2; exit 1; }
"$python" - <<'CHECK' || exit 1
import sys
if sys.version_info < (3, 11):
    sys.exit(f"setup: flowrt needs Python 3.11 or newer, this is {sys.version.split()[0]}; "
             "name a newer one: make setup PYTHON=python3.12")
CHECK

if [ -x "$target/bin/python" ] && "$target/bin/python" -m pip --version >/dev/null 2>&1; then exit 0; fi
rm -rf "$target"
if "$python" -m venv "$target" 2>/dev/null; then exit 0; fi

version=$("$python" -c 'import sys; print(f"{sys.version_info[0]}.{sys.version_info[1]}")')
sudo=
[ "$(id -u)" = 0 ] || sudo=$(command -v sudo || true)
if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || [ -n "$sudo" ]; }; then
	echo "setup: installing python3-venv"
	$sudo apt-get update -q >/dev/null
	$sudo apt-get install -y -q --no-install-recommends "python$version-venv" >/dev/null 2>&1 ||
		$sudo apt-get install -y -q --no-install-recommends python3-venv >/dev/null
	rm -rf "$target"
	exec "$python" -m venv "$target"
fi
echo "setup: this Python cannot make a virtual environment; as root: apt-get install python3-venv" >&2
exit 1
