# Completion of zone and its Solaris names: the program itself knows what can stand where.

function __lofizone_complete
    set -l words (commandline -opc)
    for line in (zone complete (basename -- $words[1]) $words[2..-1] (commandline -ct) 2>/dev/null)
        if string match -q ':files*' -- $line
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end

for name in zone zonecfg zoneadm zlogin zonename zonestat lofiadm mkfile newfs
    complete -c $name -f -a '(__lofizone_complete)'
end
