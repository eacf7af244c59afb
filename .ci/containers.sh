#!/usr/bin/env bash
# Builds every Dockerfile and starts its image until its own health check passes: with docker when an engine runs, else with buildah, which
# needs no engine and no image registry. Stores run on this machine beside it: the embedded store, and a redis-server.
# Skips with a reason where neither can be had. Never takes longer than CONTAINERS_TIMEOUT_SECONDS (420).
# -m: what runs in the background is a process group, so that everything below it can be stopped together.
set -muo pipefail
cd "$(dirname "$0")/.."

if [ -z "${CONTAINERS_WITHIN:-}" ]; then
  CONTAINERS_WITHIN=${CONTAINERS_TIMEOUT_SECONDS:-420} exec timeout --kill-after=15 "${CONTAINERS_TIMEOUT_SECONDS:-420}" bash "$0" "$@"
fi

BASE_IMAGE=docker.io/library/node:20-bookworm-slim
HEALTHY_WITHIN_SECONDS=60
work=$(mktemp -d)
pids=()
groups=()
storage=
driver=vfs
engine=

say() { printf '   %s\n' "$*"; }

skip() {
  echo "skipped: containers: $*"
  exit 0
}

cleanup() {
  for pid in ${pids[@]+"${pids[@]}"}; do kill "$pid" 2>/dev/null; done
  for group in ${groups[@]+"${groups[@]}"}; do kill -KILL -- "-$group" 2>/dev/null; done
  [ "$engine" = docker ] && docker ps -aq --filter "label=papertrading-ci=$$" | xargs -r docker rm -f >/dev/null 2>&1
  if [ -n "$storage" ]; then
    mounts_under "$storage" | sort -r | xargs -r umount -l
    rm -rf "$storage"
  fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 124' TERM INT

free_port() { node -e 'const s=require("node:net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }

wait_for() { # SECONDS COMMAND...
  local until=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$until" ] || return 1
    sleep 0.3
  done
}

mounts_under() { awk -v under="$1/" 'index($2, under) == 1 { print $2 }' /proc/mounts; }

b() { buildah --root "$storage/root" --runroot "$storage/run" --storage-driver "$driver" "$@"; }

# --- what to build with -------------------------------------------------------------------------------------------------------------

# A Debian with this machine's node and npm under the name the Dockerfiles use in FROM: the steps are proven, not the base image itself.
make_base() {
  local mirror root=$storage/base container
  mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -oE 'https?://[^ ]+/debian/?( |$)' | grep -v snapshot | head -n 1)
  debootstrap --variant=minbase bookworm "$root" ${mirror:-} >"$work/debootstrap.log" 2>&1 || return 1
  cp "$(command -v node)" "$root/usr/local/bin/node"
  mkdir -p "$root/usr/local/lib/node_modules" "$root/etc/ssl/certs" "$root/usr/local/etc"
  cp -r "$(npm root -g)/npm" "$root/usr/local/lib/node_modules/"
  for bin in npm npx; do ln -sf "../lib/node_modules/npm/bin/$bin-cli.js" "$root/usr/local/bin/$bin"; done
  # This machine's certificates and npm settings, for a registry behind a proxy.
  [ -f /etc/ssl/certs/ca-certificates.crt ] && cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  for settings in "$(npm prefix -g)/etc/npmrc" "$HOME/.npmrc"; do [ -f "$settings" ] && cat "$settings" >>"$root/usr/local/etc/npmrc"; done
  chroot "$root" useradd --create-home --uid 1000 node || return 1
  container=$(b from scratch) || return 1
  b copy -q "$container" "$root" / >/dev/null || return 1
  b config --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt "$container"
  b commit -q "$container" "$BASE_IMAGE" >/dev/null || return 1
  b rm "$container" >/dev/null
  rm -rf "$root"
}

if docker info >/dev/null 2>&1; then
  engine=docker
else
  [ "$(id -u)" = 0 ] || skip "no docker engine runs here, and buildah needs root"
  command -v apt-get >/dev/null || command -v buildah >/dev/null || skip "no docker engine runs here, and there is no apt-get to install buildah"
  missing=()
  for tool in buildah debootstrap; do command -v $tool >/dev/null || missing+=("$tool"); done
  if [ ${#missing[@]} -gt 0 ]; then
    (timeout 60 apt-get update -qq; timeout 90 apt-get install -y -qq --no-install-recommends "${missing[@]}") >"$work/apt.log" 2>&1 ||
      skip "no docker engine runs here, and ${missing[*]} could not be installed"
  fi
  engine=buildah
  # Images are copied file by file, which memory does many times faster than a disk.
  enough_kb=9000000
  if [ "$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)" -gt $enough_kb ] 2>/dev/null &&
    [ "$(awk '/MemAvailable/ { print $2 }' /proc/meminfo)" -gt $enough_kb ]; then
    storage=$(mktemp -d /dev/shm/papertrading-ci.XXXXXX)
  else
    storage=$(mktemp -d)
  fi
  # Layers over one another where the kernel lets us; else each is a copy of what is below it.
  mkdir "$storage/lower" "$storage/upper" "$storage/over" "$storage/work"
  if mount -t overlay overlay -o "lowerdir=$storage/lower,upperdir=$storage/upper,workdir=$storage/work" "$storage/over" 2>/dev/null; then
    umount "$storage/over" && driver=overlay
  fi
  say "no docker engine; making a base image for buildah (storage: $driver)"
  make_base || { tail -n 5 "$work"/*.log 2>/dev/null; skip "the base image could not be made"; }
fi
say "building with $engine"

# --- what the images stand on --------------------------------------------------------------------------------------------------------

start_stores() {
  local store_port redis_port
  store_port=$(free_port)
  # From its source: what is built may be built anew just now.
  node tools/ts.cjs apps/store/src/main.ts --data-dir "$work/store" --host 127.0.0.1 --port "$store_port" >"$work/store.log" 2>&1 &
  pids+=($!)
  redis_port=$(free_port)
  command -v redis-server >/dev/null ||
    { [ "$(id -u)" = 0 ] && timeout 90 apt-get install -y -qq --no-install-recommends redis-server >"$work/apt-redis.log" 2>&1; } ||
    return 2
  redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --appendonly no --dir "$work" >"$work/redis.log" 2>&1 &
  pids+=($!)
  wait_for 20 grep -q uri "$work/store.log" || return 1
  wait_for 20 redis-cli -p "$redis_port" ping || return 1
  MONGO_URI=$(grep -oE 'mongodb://[^"]+' "$work/store.log" | head -n 1)
  REDIS_URL=redis://127.0.0.1:$redis_port
}

# --- each image ------------------------------------------------------------------------------------------------------------------------

build_image() { # APP
  local log=$work/build-$1.log started=$SECONDS
  if [ "$engine" = docker ]; then
    docker build -q -f "apps/$1/Dockerfile" -t "papertrading-ci-$1" . >"$log" 2>&1
  else
    b bud "--layers=$([ "$driver" = overlay ] && echo true || echo false)" --format docker --isolation chroot --pull-never -f "apps/$1/Dockerfile" -t "papertrading-ci-$1" . >"$log" 2>&1
  fi || { tail -n 30 "$log"; return 1; }
  say "$1: built in $((SECONDS - started)) s"
}

# Runs the image as its Dockerfile says, with its own user and command, until the health check it declares passes.
run_until_healthy() { # APP NAME=VALUE...
  local app=$1 log=$work/run-$1.log
  shift
  local flags=() setting
  for setting in "$@"; do flags+=(--env "$setting"); done
  if [ "$engine" = docker ]; then
    local id
    id=$(docker run -d --network host --label "papertrading-ci=$$" "${flags[@]}" "papertrading-ci-$app") || return 1
    wait_for "$HEALTHY_WITHIN_SECONDS" bash -c "[ \"\$(docker inspect -f '{{.State.Health.Status}}' $id)\" = healthy ]" && {
      docker stop -t 20 "$id" >/dev/null
      [ "$(docker inspect -f '{{.State.ExitCode}}' "$id")" = 0 ] && return 0
      say "$app: did not stop cleanly"
    }
    docker logs "$id" 2>&1 | tail -n 20
    return 1
  fi
  local container command=() check=() pid user
  container=$(b from --pull-never "localhost/papertrading-ci-$app") || return 1
  b inspect --type image "localhost/papertrading-ci-$app" >"$work/$app.json"
  mapfile -t command < <(node -e 'console.log(JSON.parse(require("node:fs").readFileSync(process.argv[1])).Docker.config.Cmd.join("\n"))' "$work/$app.json")
  mapfile -t check < <(node -e 'console.log(JSON.parse(require("node:fs").readFileSync(process.argv[1])).Docker.config.Healthcheck.Test.slice(1).join("\n"))' "$work/$app.json")
  user=$(b run --isolation chroot "$container" -- id -u)
  [ "$user" != 0 ] || { say "$app: runs as root"; return 1; }
  b run --isolation chroot "${flags[@]}" "$container" -- "${command[@]}" >"$log" 2>&1 &
  pid=$!
  groups+=("$pid")
  if wait_for "$HEALTHY_WITHIN_SECONDS" b run --isolation chroot "${flags[@]}" "$container" -- "${check[@]}"; then
    kill -TERM -- "-$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    wait_for 20 bash -c "! kill -0 -- -$pid" || { say "$app: did not stop"; return 1; }
    b rm "$container" >/dev/null
    return 0
  fi
  tail -n 20 "$log"
  return 1
}

failed=()
check_app() { # APP NAME=VALUE...
  run_until_healthy "$@" && say "$1: healthy" || failed+=("$1")
}

# The Dockerfiles begin with the same lines. Where layers are cheap the first build makes them for all; else all are built at once, for building
# waits for downloads and small files more than for the processor.
apps=(simulator api sync-worker live-worker)
builds=()
for app in "${apps[@]}"; do
  build_image "$app" &
  builds+=($!)
  groups+=($!)
  [ "$driver" = overlay ] && [ ${#builds[@]} = 1 ] && wait "${builds[0]}"
done
start_stores
stores=$?
built=()
for index in "${!apps[@]}"; do
  if wait "${builds[$index]}"; then built+=("${apps[$index]}"); else failed+=("${apps[$index]}"); fi
done

for app in ${built[@]+"${built[@]}"}; do
  if [ "$app" = simulator ]; then
    check_app simulator "SIMULATOR_PORT=$(free_port)" SIMULATOR_HOST=127.0.0.1 SIMULATOR_MARKETS=300
    continue
  fi
  case $stores in
    0) settings=("MONGO_URI=$MONGO_URI" "REDIS_URL=$REDIS_URL" GAMMA_URL=http://127.0.0.1:9/gamma CLOB_URL=http://127.0.0.1:9/clob DATA_URL=http://127.0.0.1:9/data CLOB_WS_URL=ws://127.0.0.1:9/ws/market) ;;
    2)
      echo "skipped: starting $app: no redis-server, and it could not be installed"
      continue
      ;;
    *)
      tail -n 10 "$work/store.log" "$work/redis.log" 2>/dev/null
      failed+=("$app")
      continue
      ;;
  esac
  [ "$app" = api ] && settings+=("PORT=$(free_port)" HOST=127.0.0.1 JWT_SECRET_KEY=only-for-this-check-0123456789abcdef)
  check_app "$app" "${settings[@]}"
done
[ "$engine" = docker ] && for app in "${apps[@]}"; do docker rmi -f "papertrading-ci-$app" >/dev/null 2>&1; done

if [ ${#failed[@]} -gt 0 ]; then
  echo "containers failed: ${failed[*]}"
  exit 1
fi
echo "containers: every image builds, starts and is healthy (${SECONDS}s)"
