#compdef zone zonecfg zoneadm zlogin zonename zonestat lofiadm mkfile newfs
# Completion of zone and its Solaris names: the program itself knows what can stand where.

local line
local -a found files
for line in "${(@f)$(zone complete "${service:t}" "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}"; do
    if [[ $line == :files* ]]; then
        files=(yes)
    elif [[ -n $line ]]; then
        found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    fi
done
(( $#found )) && _describe "$service" found
(( $#files )) && _files
