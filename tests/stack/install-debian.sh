#!/bin/sh
# Install from Debian what the longer suites need: an engine for containers, Chromium, and the parts that
# substitutes of images that cannot be pulled. Run as root; starts no service, not even where packages do.
set -eu

packages="chromium crun debootstrap docker.io fonts-liberation iproute2 iptables prometheus"

missing=
for package in $packages; do
  dpkg-query --show --showformat '${Status}' "$package" 2>/dev/null | grep -q ' installed$' \
    || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
  echo "install-debian.sh: missing$missing; run this as root" >&2
  exit 2
fi
export DEBIAN_FRONTEND=noninteractive
# Debian's packages start their services when they are installed, unless this program exits with 101.
# An existing one is kept.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
fi
apt-get update -qq
# shellcheck disable=SC2086 # a list of words
apt-get install -y -qq --no-install-recommends $missing
