#!/bin/sh
# Makes package-lock.json anew after a change of dependencies. npm leaves holes in it when it only adds to a lockfile
# without download addresses, and `npm ci` then refuses it.
set -eu
cd "$(dirname "$0")/../.."
rm -rf node_modules package-lock.json
npm install --package-lock-only --no-audit --no-fund --loglevel=error
node infra/setup/ensure-installed.mjs
