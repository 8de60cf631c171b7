#!/bin/sh
# Replaces the containers of Onsale by those of a new version, one by one, so that buyers go on buying:
#   git pull && infra/docker/update.sh
# Before an old container is stopped, a new one is started beside it and is ready. When one does not become ready, it is
# removed, this ends with 1, and all others go on running. Stores and monitoring stay as they are.
#
# First the workers, of which the first one migrates the database; docs/operations.md says what buyers notice meanwhile.
set -eu
cd "$(dirname "$0")/../.."

# The first process of a version may migrate a large database before it is ready.
ready_seconds=900
# HAProxy finds a new gateway by its name within 2 s, and sends it requests after two checks, one a second.
proxy_seconds=5

# Starts one more container of a service, and waits until it is ready. Sets $started to its id.
start_one_more() {
  before=$(docker compose ps --quiet "$1")
  count=$(printf '%s\n' "$before" | grep -c .)
  docker compose up --detach --no-deps --no-recreate --scale "$1=$((count + 1))" "$1"
  started=
  for container in $(docker compose ps --quiet "$1"); do
    case $before in *"$container"*) ;; *) started=$container ;; esac
  done
  [ -n "$started" ] || { echo "update: Compose started no further container of $1" >&2; exit 1; }
  waited=0
  until [ "$(docker inspect --format '{{.State.Health.Status}}' "$started")" = healthy ]; do
    waited=$((waited + 1))
    if [ "$waited" -gt "$ready_seconds" ] || [ "$(docker inspect --format '{{.RestartCount}}' "$started")" -ge 5 ]; then
      echo "update: the new container of $1 does not become ready: it is removed, the others go on running. Log:" >&2
      docker logs --tail 20 "$started" >&2 || true
      docker rm --force "$started" >/dev/null
      exit 1
    fi
    sleep 1
  done
}

# $2 is how long the old container still serves after the new one is ready.
replace() {
  for old in $(docker compose ps --quiet "$1"); do
    start_one_more "$1"
    sleep "$2"
    echo "update: $1: $started is ready, stopping $old"
    # Waits until it has ended: a gateway serves on for DRAIN_SECONDS.
    docker stop "$old" >/dev/null
    docker rm "$old" >/dev/null
  done
}

docker compose build gateway worker notifier admin cli
replace worker 0
replace gateway "$proxy_seconds"
replace notifier 0
# Two containers cannot publish the same port, so the console is away for some seconds.
docker compose up --detach --no-deps --wait --wait-timeout "$ready_seconds" admin
echo "update: done"
