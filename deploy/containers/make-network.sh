#!/bin/sh
# Makes the keys of three authorities, their network file and an invite for each of nine nodes, in the volumes of
# compose.yaml. Does nothing if that was done before.
set -eu

sotto() {
  node /opt/sotto/packages/cli/src/main.ts "$@"
}

file=/shared/network.sotto
[ ! -e "$file" ] || exit 0
umask 077

others=""
for office in 2 3; do
  line=$(sotto network key --folder "/authority-$office" --url "https://10.77.$office.1:22022")
  others="$others,$line"
done
sotto network create "Three offices" --folder /authority-1 --url https://10.77.1.1:22022 --with "${others#,}" \
  --one-site --file "$file.new"
for node in 1 2 3 4 5 6 7 8 9; do
  sotto network invite --network "$file.new" --folder /authority-1 >"/shared/invite-$node"
done
# Only what is finished is found by the next start.
mv "$file.new" "$file"
