#!/bin/sh
# Runs a node of compose.yaml: join.sh NUMBER ADDRESS
set -eu
exec node /opt/sotto/packages/cli/src/main.ts node join /shared/network.sotto --invite "$(cat "/shared/invite-$1")" \
  --address "$2" --host 0.0.0.0 --folder /data
