#!/bin/sh
# Waits until a process that systemd has just started ($MAINPID) is ready on a port; fails when it has ended before
# that. Without this, systemd would wait for a process that is gone until TimeoutStartSec.
until node_modules/node/bin/node infra/docker/health.mjs "$1"; do
  kill -0 "$MAINPID" || exit 1
  sleep 1
done
