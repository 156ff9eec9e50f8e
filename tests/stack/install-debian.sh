#!/bin/sh
# Install from Debian what the longer suites need: an engine for containers, Chromium, and the parts that
# images which cannot be pulled are stood in with. Run as root; starts no service.
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
apt-get update -qq
# shellcheck disable=SC2086 # a list of words
apt-get install -y -qq --no-install-recommends $missing
