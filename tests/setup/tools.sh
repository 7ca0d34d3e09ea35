#!/bin/sh
# Installs the programs that tests talk to, where that is possible; else says which are missing.
set -eu
missing=
for pair in mosquitto:mosquitto mosquitto_sub:mosquitto-clients nats-server:nats-server mbpoll:mbpoll candump:can-utils systemd-analyze:systemd chromium:chromium; do
	command -v "${pair%%:*}" >/dev/null || [ -x "/usr/sbin/${pair%%:*}" ] || missing="$missing ${pair##*:}"
done
[ -n "$missing" ] || exit 0

sudo=
[ "$(id -u)" = 0 ] || sudo=$(command -v sudo || true)
if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || [ -n "$sudo" ]; }; then
	echo "tools: installing$missing"
	export DEBIAN_FRONTEND=noninteractive
	# Debian starts mosquitto as a service where there is an init; the tests start their own.
	$sudo apt-get install -y -q --no-install-recommends $missing >/dev/null 2>&1 || {
		$sudo apt-get update -q >/dev/null && $sudo apt-get install -y -q --no-install-recommends $missing >/dev/null
	}
else
	echo "tools: the tests need$missing; as root: apt-get install$missing" >&2
	exit 1
fi
