#!/bin/sh
# Prepares a machine with systemd for an authority and a node, or brings it up to date after an upgrade: users, folders,
# units, and what Sotto is made of. It starts nothing, and never changes settings or keys that are there. Run it as root.
set -eu

home=/opt/sotto
if [ "$(id -u)" != 0 ]; then
  echo "Run it as root: sudo $home/deploy/systemd/install.sh" >&2
  exit 1
fi
if [ ! -x "$home/sotto" ]; then
  echo "Sotto has to lie in $home. Copy its folder there first." >&2
  exit 1
fi

"$home/sotto" --version

for name in sotto-authority sotto-node; do
  id "$name" >/dev/null 2>&1 ||
    useradd --system --user-group --home-dir "/var/lib/$name" --no-create-home --shell /usr/sbin/nologin "$name"
  install -d -m 0700 -o "$name" -g "$name" "/var/lib/$name"
  install -m 0644 "$home/deploy/systemd/$name.service" "/etc/systemd/system/$name.service"
done

install -d -m 0755 /etc/sotto
# It holds an invite, which is nobody else's business.
[ -e /etc/sotto/node.toml ] || install -m 0640 -g sotto-node "$home/deploy/systemd/node.toml" /etc/sotto/node.toml
ln -sf "$home/sotto" /usr/local/bin/sotto
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi

echo "Ready. What comes next is in $home/docs/run-your-own.md"
