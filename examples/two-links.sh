#!/usr/bin/env bash
# A dual-pathed drive, over NFS: one server with two links to this host. Each link is cut in turn, in the two ways that hurt (the far
# end goes down: a black hole; an answering firewall: a reset), while fio writes to the device and verifies what it wrote.
# Prints the longest time that any one write took: the pause that a path's death costs.
#
# The server is nfs-ganesha in a network namespace of its own with two veth pairs. Everything is taken away again at the end, also
# after Ctrl-C; what a killed run left goes at the next start.
#
# usage: two-links.sh [--connections N]
#
#   --connections N   connections per link, 1..16; default: the client's
#
# LOFIZONE_ROOT moves all paths of the host, as for the commands themselves.
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
PATH=$repository/out/bin:$PATH:/usr/sbin:/sbin
readonly name=lofizone-two-links port=20499 size=96m seen_limit_seconds=30 start_limit_seconds=20
readonly directory=/var/tmp/$name
readonly near=(lz2l0n lz2l1n) far=(lz2l0f lz2l1f)
readonly host=(10.210.7.1 10.210.7.5) server=(10.210.7.2 10.210.7.6)
options=''
device=''
fio_pid=''

die() { printf 'two-links: %s\n' "$1" >&2; [ -z "${2:-}" ] || printf '           %s\n' "$2" >&2; exit 1; }
say() { printf '%(%T)T  %s\n' -1 "$*"; }

while [ $# -gt 0 ]; do
    case $1 in
        --connections) options="?connections=${2:?--connections needs a number}"; shift 2 ;;
        -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
        *) echo "$1: unknown option; see --help" >&2; exit 2 ;;
    esac
done

# Ends the server of this or a killed run: the process that was started with our configuration.
end_server() {
    local pid
    [ -r "$directory/pid" ] || return 0
    pid=$(tr -cd '0-9' <"$directory/pid")
    if [ -n "$pid" ] && tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -qxF "$directory/ganesha.conf"; then
        kill -KILL "$pid" 2>/dev/null || true
    fi
    rm -f "$directory/pid"
}

remove_all() {
    local left
    nft delete table inet "${name//-/_}" 2>/dev/null || true
    for left in $(lofiadm 2>/dev/null | awk -v path="$port" 'index($2, ":" path) {print $1}'); do
        lofiadm -f -d "$left" 2>/dev/null || true
    done
    end_server
    for left in "${near[@]}"; do ip link delete "$left" 2>/dev/null || true; done
    ip netns delete "$name" 2>/dev/null || true
    rm -rf "$directory"
}

clean_up() {
    local status=$?
    trap - EXIT INT TERM
    [ -z "$fio_pid" ] || kill "$fio_pid" 2>/dev/null || true
    [ -z "$device" ] || lofiadm -d "$device" 2>/dev/null || true
    remove_all
    exit "$status"
}

[ "$(id -u)" -eq 0 ] || die "devices and namespaces belong to root" "run this as root"
for program in lofiadm mkfile; do command -v "$program" >/dev/null || die "$program: program not found" "run make build first"; done
for program in ip nft fio ganesha.nfsd; do
    command -v "$program" >/dev/null || die "$program: program not found" "apt-get install iproute2 nftables fio nfs-ganesha nfs-ganesha-vfs"
done

# shellcheck source-path=SCRIPTDIR source=../scripts/own-directory
. "$repository/scripts/own-directory"
# shellcheck source-path=SCRIPTDIR source=../scripts/ganesha-configuration
. "$repository/scripts/ganesha-configuration"
own_directory "$directory"
remove_all
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

ip netns add "$name"
ip -n "$name" link set lo up
for link in 0 1; do
    ip link add "${near[link]}" type veth peer name "${far[link]}" netns "$name"
    ip address add "${host[link]}/30" dev "${near[link]}"
    ip link set "${near[link]}" up
    ip -n "$name" address add "${server[link]}/30" dev "${far[link]}"
    ip -n "$name" link set "${far[link]}" up
done

own_directory "$directory"
mkdir -p "$directory/export" "$directory/recovery"
ganesha_configuration ADDRESS=0.0.0.0 "PORT=$port" LEASE=15 GRACELESS=true GRACE=1 "EXPORT=$directory/export" "RECOVERY=$directory/recovery" \
    >"$directory/ganesha.conf"
nsenter --net="/run/netns/$name" ganesha.nfsd -F -f "$directory/ganesha.conf" -L "$directory/ganesha.log" -p "$directory/lock" >"$directory/out" 2>&1 &
printf '%s\n' "$!" >"$directory/pid"
disown
deadline=$((SECONDS + start_limit_seconds))
until (exec 2>/dev/null 3<>"/dev/tcp/${server[0]}/$port"); do
    ((SECONDS < deadline)) || die "the server did not come up within $start_limit_seconds s" "see $directory/ganesha.log"
    sleep 0.1
done

image="nfs://${server[0]}:$port,${server[1]}:$port/export/drive.img$options"
mkfile -n "$size" "$image"
device=$(lofiadm -a "$image")
say "$device stands for $image"
loop=$(readlink -f "$device")

fio --name=drive --filename="$loop" --direct=1 --ioengine=libaio --iodepth=8 --rw=randwrite --bs=4k --size="$size" --rate_iops=1000 \
    --verify=crc32c --do_verify=1 --verify_fatal=1 --output-format=json --output="$directory/fio.json" &
fio_pid=$!


# Waits until the client has a connection by this link again.
wait_back() {
    local link=$1 before=$SECONDS
    # What the server still believes established is the dead connection; the client's new one shows on our own side.
    until ss -Htn state established dst "${server[link]}" | awk '$2 == 0' | grep -q .; do
        ((SECONDS - before < seen_limit_seconds)) || die "link $link was not used again within $seen_limit_seconds s"
        sleep 0.1
    done
}

# The sleeps are the example: for how long all is well, and for how long a link is gone.
for link in 0 1; do
    sleep 2
    say "link $link: the far end goes down (black hole)"
    ip -n "$name" link set "${far[link]}" down
    sleep 4
    kill -0 "$fio_pid" 2>/dev/null || die "fio ended early" "see $directory/fio.json"
    say "link $link: back"
    ip -n "$name" link set "${far[link]}" up
    wait_back "$link"
done
for link in 0 1; do
    sleep 1
    say "link $link: reset by a firewall"
    nft -f - <<RULES
table inet ${name//-/_} { chain output { type filter hook output priority 0; ip daddr ${server[link]} tcp dport $port reject with tcp reset; }; }
RULES
    sleep 3
    nft delete table inet "${name//-/_}"
    say "link $link: back"
    wait_back "$link"
done

say "waiting for fio to write the rest and to verify all of it"
status=0
wait "$fio_pid" || status=$?
fio_pid=''
[ "$status" -eq 0 ] || die "fio failed with exit code $status: a request or the verification"
longest=$(tr -d ' "' <"$directory/fio.json" | awk -F: '/^write:/ {w = 1} w && /^clat_ns:/ {c = 1} c && /^max:/ {sub(",", "", $2); printf "%.0f", $2 / 1e6; exit}')
printf '\nEvery write succeeded and was verified; the longest took %s ms.\n\n' "$longest"
lofiadm -v "$device" 2>/dev/null || lofiadm
