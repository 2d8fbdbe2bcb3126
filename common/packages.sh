#!/bin/sh
# Installs the Debian packages named as arguments that are not installed; without the right to do
# so, prints the one command that does. Elsewhere than on Debian, does nothing.
command -v dpkg-query > /dev/null || exit 0
missing=
for p in "$@"; do
	case $(dpkg-query -W -f '${db:Status-Abbrev}' "$p" 2> /dev/null) in
	ii*) ;;
	*) missing="$missing $p" ;;
	esac
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ]; then
	echo "These packages are missing; install them with:"
	echo "  sudo apt-get install -y$missing"
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q && apt-get install -y -q --no-install-recommends $missing
