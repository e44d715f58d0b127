"""The scripts by which a shell asks plexctl for the words that may follow.

Each hands over the words up to the cursor, and reads lines of a word, a tab and an explanation; a line of one tab asks
for file names instead.
"""

_BASH = r"""# bash completion for plexctl
# eval "$(plexctl completion bash)"
_plexctl() {
    local words=() word joined="" index=0 line value
    local current prefix
    # bash has split the line at = and :, too
    for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
        if [[ $index -gt 0 && ( $word == [=:] || $joined == yes ) ]]; then
            words[index-1]+=$word
        else
            words[index]=$word
            index=$((index + 1))
        fi
        [[ $word == [=:] ]] && joined=yes || joined=""
    done
    words=("${words[@]//\\}")
    current=${words[index-1]}
    prefix=${current%"${current##*[=:]}"}
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ $line == $'\t' ]]; then
            type compopt &>/dev/null && compopt -o filenames
            while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "${current#"$prefix"}")
            return
        fi
        value=${line%%$'\t'*}
        # a name may come from a machine: bash itself would insert it as it is, and run what it says
        printf -v value %q "${value#"$prefix"}"
        COMPREPLY+=("$value")
    done < <(_PLEXCTL_COMPLETE=1 plexctl "${words[@]}" 2>/dev/null)
}
complete -o nosort -F _plexctl plexctl 2>/dev/null || complete -F _plexctl plexctl
"""

_ZSH = r"""#compdef plexctl
# eval "$(plexctl completion zsh)", after compinit; or this file as _plexctl in a directory of $fpath
_plexctl() {
    local -a values shown
    local line value help
    for line in "${(@f)$(_PLEXCTL_COMPLETE=1 plexctl "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
        if [[ $line == $'\t' ]]; then
            compset -P '*='
            _files
            return
        fi
        [[ -n $line ]] || continue
        value=${line%%$'\t'*} help=${line#*$'\t'}
        values+=("$value")
        shown+=("$value${help:+  -- $help}")
    done
    (( ${#values} )) && compadd -V plexctl -l -d shown -- "${values[@]}"
}
if [[ $funcstack[1] == _plexctl ]]; then
    _plexctl "$@"
else
    compdef _plexctl plexctl
fi
"""

_FISH = r"""# fish completion for plexctl
# plexctl completion fish | source
function __plexctl
    set --local words (commandline --tokenize --cut-at-cursor --current-process)[2..-1]
    set --local current (commandline --cut-at-cursor --current-token)
    for line in (_PLEXCTL_COMPLETE=1 plexctl $words (string unescape -- "$current") 2>/dev/null)
        if test "$line" = \t
            set --local prefix (string match --regex '^--[^=]*=' -- $current)
            for path in (__fish_complete_path (string replace -- "$prefix" '' $current))
                echo "$prefix$path"
            end
        else
            echo $line
        end
    end
end
complete --command plexctl --no-files --keep-order --arguments '(__plexctl)'
"""

_POWERSHELL = r"""# powershell completion for plexctl
# plexctl completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName plexctl -ScriptBlock {
    param($current, $line, $cursor)
    $words = @($line.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursor -or ($_.Extent.EndOffset -eq $cursor -and -not $current) } |
        ForEach-Object { $_.ToString() })
    $env:_PLEXCTL_COMPLETE = '1'
    try {
        plexctl @words "$current" 2>$null | Where-Object { $_ -ne "`t" } | ForEach-Object {
            $value, $help = $_ -split "`t", 2
            if (-not $help) { $help = $value }
            $text = if ($value -match '^[\w./:=@-]+$') { $value } else { "'" + $value.Replace("'", "''") + "'" }
            [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $help)
        }
    } finally {
        Remove-Item Env:_PLEXCTL_COMPLETE
    }
}
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH, "powershell": _POWERSHELL}
