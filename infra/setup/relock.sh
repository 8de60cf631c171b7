#!/bin/sh
# Creates package-lock.json anew after a change of dependencies. When npm only adds to a lockfile without download
# addresses, it leaves out entries, and `npm ci` then refuses the lockfile.
set -eu
cd "$(dirname "$0")/../.."
# What is left in a workspace's own node_modules would be taken for a part of the new lockfile.
rm -rf node_modules packages/*/node_modules services/*/node_modules test/node_modules package-lock.json
npm install --package-lock-only --no-audit --no-fund --loglevel=error
node infra/setup/ensure-installed.mjs
