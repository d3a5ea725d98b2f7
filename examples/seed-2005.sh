#!/usr/bin/env bash
# "Containers on NFS?", a post of 2005, replayed step by step under the commands' Solaris names, up to the running zone.
#
# Where the post mounts nfsserv:/export/zones and makes the file there, this names the file on the share by its URI, since a
# kernel may lack an NFS client; with one, mount the share and give plain paths, as the post does.
#
# usage: seed-2005.sh [--share URI] [--keep]
#
#   --share URI   a directory on an NFS server, nfs://SERVER/export/zones; default: a stand-in NAS on this machine
#   --keep        leave the zone running and say how to take it away
#
# LOFIZONE_ROOT moves all paths of the host, as for the commands themselves.
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
PATH=$repository/out/bin:$PATH:/usr/sbin:/sbin
root=${LOFIZONE_ROOT:-}
root=${root%/}
zone=zone1
zonepath=$root/zones/$zone
nic=hme0
share=''
keep=no
undo=()

while [ $# -gt 0 ]; do
    case $1 in
        --share) share=${2:?--share needs a URI}; shift 2 ;;
        --keep) keep=yes; shift ;;
        -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
        *) echo "$1: unknown option; see --help" >&2; exit 2 ;;
    esac
done

die() { printf 'seed-2005: %s\n' "$1" >&2; [ -z "${2:-}" ] || printf '           %s\n' "$2" >&2; exit 1; }

# run COMMAND...: prints it as the post does, then does it.
run() {
    printf '\nroot@zoneserver # %s\n' "$*"
    "$@"
}

# Undoes what was done, last thing first; each line of undo is one command.
clean_up() {
    local status=$? i
    trap - EXIT INT TERM
    if [ "$keep" = yes ] && [ "$status" -eq 0 ]; then
        printf '\nTo take it away again:\n'
        for ((i = ${#undo[@]} - 1; i >= 0; i--)); do printf '  %s\n' "${undo[i]}"; done
        return
    fi
    printf '\nCleaning up\n'
    for ((i = ${#undo[@]} - 1; i >= 0; i--)); do
        bash -c "${undo[i]}" || printf 'seed-2005: did not work: %s\n' "${undo[i]}" >&2
    done
    exit "$status"
}

[ "$(id -u)" -eq 0 ] || die "zones, mounts and devices belong to root" "run this as root"
command -v zoneadm >/dev/null || die "zoneadm: program not found" "run make build first"
if zoneadm list -cp | cut -d: -f2 | grep -qx "$zone"; then die "a zone $zone exists already" "LOFIZONE_ROOT=DIRECTORY $0 replays the post beside it"; fi
if [ -e "$zonepath" ] && [ -n "$(ls -A "$zonepath")" ]; then die "$zonepath is not empty"; fi

trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -z "$share" ]; then
    nas=$(mktemp -d /var/tmp/lofizone-seed.XXXXXX)
    undo+=("rm -rf --one-file-system $nas")
    share=$("$repository/scripts/nas" start "$nas")
    undo+=("$repository/scripts/nas stop $nas")
fi
if ! ip link show "$nic" >/dev/null 2>&1; then
    ip link add "$nic" type bridge
    undo+=("ip link delete $nic")
    ip link set "$nic" up
fi

number=1
while [ -e "$root/dev/lofi/$number" ] || [ -L "$root/dev/lofi/$number" ]; do number=$((number + 1)); done
device=/dev/lofi/$number
file=$share/${zone}_file

printf 'The NFS server shares %s\n' "$share"
# The stand-in NAS takes its files away with its directory; on another server the file is the user's to remove.
run mkfile 300M "$file"
run lofiadm -a "$file" "$device"
# Where the device's link really lies on this host.
device=$root$device
undo+=("PATH=$repository/out/bin:\$PATH lofiadm -d $device")
printf '\nroot@zoneserver # newfs %s\n' "$device"
newfs "$device" <<<y

run mkdir -p "$zonepath"
undo+=("rmdir $zonepath")
run mount "$device" "$zonepath"
undo+=("umount $zonepath")
run chmod 700 "$zonepath"

printf '\nroot@zoneserver # zonecfg -z %s\n' "$zone"
commands="create
set zonepath=$zonepath
add net
set physical=$nic
set address=
end
verify
exit"
printf '%s\n' "$commands"
undo+=("PATH=$repository/out/bin:\$PATH zonecfg -z $zone delete -F")
zonecfg -z "$zone" <<<"$commands"

undo+=("PATH=$repository/out/bin:\$PATH zoneadm -z $zone uninstall -F")
run zoneadm -z "$zone" install
run zoneadm list -cv
run zone df
undo+=("PATH=$repository/out/bin:\$PATH zoneadm -z $zone halt")
run zoneadm -z "$zone" boot
run zoneadm list -cv

state=$(zoneadm list -cp | awk -F: -v name="$zone" '$2 == name { print $3 }')
[ "$state" = running ] || die "$zone is $state instead of running"
printf '\nVoila! It works\n'
