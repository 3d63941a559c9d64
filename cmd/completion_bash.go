package cmd

import (
	"bytes"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// writeBashCompletion writes cobra's script with its calls into the
// bash-completion package led through functions that also do without it: it
// is not installed everywhere, and each press of the tab key would print that
// a command was not found.
func writeBashCompletion(root *cobra.Command, w io.Writer) error {
	var script bytes.Buffer
	if err := root.GenBashCompletionV2(&script, true); err != nil {
		return err
	}
	_, err := strings.NewReplacer(
		"    _get_comp_words_by_ref \"$@\"", "    __pbscope_words \"$@\"",
		"_filedir", "__pbscope_filedir",
		"__start_pbscope()\n", bashWithoutPackage+"__start_pbscope()\n",
	).WriteString(w, script.String())
	return err
}

const bashWithoutPackage = `# The words of the line, those joined again that bash splits at = and :.
__pbscope_words()
{
    if declare -F _get_comp_words_by_ref >/dev/null 2>&1; then
        _get_comp_words_by_ref "$@"
        return
    fi
    local i word gap rest=$COMP_LINE
    words=() cword=-1
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        gap=$rest
        [[ -n $word ]] && gap=${rest%%"$word"*}
        if ((cword >= 0)) && [[ -z $gap ]]; then
            words[cword]+=$word
        else
            words[++cword]=$word
        fi
        rest=${rest:${#gap}+${#word}}
    done
    cur=${words[cword]} prev=
    ((cword > 0)) && prev=${words[cword-1]}
    return 0
}

# Files and directories: -d for directories alone, a|b| for files that end so.
__pbscope_filedir()
{
    if declare -F _filedir >/dev/null 2>&1; then
        _filedir "$@"
        return
    fi
    local kind=-f path
    [[ ${1-} == -d ]] && kind=-d
    while IFS= read -r path; do
        if [[ $kind == -d || -z ${1-} || -d $path || "|$1" == *"|${path##*.}|"* ]]; then
            COMPREPLY+=("$path")
        fi
    done < <(compgen "$kind" -- "$cur")
    [[ $(type -t compopt) == builtin ]] && compopt -o filenames
    return 0
}

`
