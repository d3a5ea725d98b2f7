# shellcheck shell=bash
# Completion of zone and its Solaris names: the program itself knows what can stand where.

_lofizone() {
    local cur=${COMP_WORDS[COMP_CWORD]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD word
    # A colon would cut a URI into three words.
    if declare -F _get_comp_words_by_ref >/dev/null; then _get_comp_words_by_ref -n : cur words cword; fi
    COMPREPLY=()
    while IFS=$'\t' read -r word _; do
        if [ "$word" = :files ]; then
            compopt -o filenames
            mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur")
        else
            if [[ $word == *= ]]; then compopt -o nospace; fi
            COMPREPLY+=("$(printf %q "$word")")
        fi
    done < <(zone complete "${1##*/}" "${words[@]:1:cword}" 2>/dev/null)
    if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$cur"; fi
}

complete -F _lofizone zone zonecfg zoneadm zlogin zonename zonestat lofiadm mkfile newfs
