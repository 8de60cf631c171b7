#!/bin/sh
# Restarts the processes of this machine one after the other, so that buyers go on buying: for a new version, or for new
# settings. `systemctl restart` returns when a process is ready, so the next one stops only then. If a process does not
# become ready, this ends, and the others go on running as they are.
#
# First a worker, which migrates the database; docs/operations.md says what buyers notice meanwhile.
set -eu
for kind in 'onsale-worker@*' 'onsale-gateway@*' 'onsale-notifier@*' onsale-admin; do
  for unit in $(systemctl list-units --state=active --plain --no-legend "$kind.service" | cut -d' ' -f1); do
    echo "Restarting $unit"
    systemctl restart "$unit"
  done
done
echo "All processes run, and are ready."
