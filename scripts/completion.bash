# Completion for bash: source this file. The program itself says what may come next.
_rnnbench() {
    mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" "[suggest:$((COMP_POINT - ${#COMP_WORDS[0]} - 1))]" "${COMP_LINE#* }" 2> /dev/null)" -- "${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _rnnbench rnnbench scripts/rnnbench ./rnnbench
