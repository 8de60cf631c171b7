#!/bin/sh
# Creates package-lock.json anew after a change of dependencies. When npm only adds to a lockfile without download
# addresses, it leaves out entries, and `npm ci` then refuses the lockfile.
set -eu
cd "$(dirname "$0")/../.."
rm -rf node_modules package-lock.json
npm install --package-lock-only --no-audit --no-fund --loglevel=error
node infra/setup/ensure-installed.mjs
