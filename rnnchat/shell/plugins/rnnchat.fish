# rnnchat for fish 3.1 and newer: a key that takes our suggestion, and words of ours in the Tab pager.
#
# Sourced by what `rnnchat shell init fish` prints, which also sets:
#   _rnnchat_folder   the private folder with the daemon's socket
#   _rnnchat_start    the command that starts the daemon
#   _rnnchat_ask      the command that asks it one thing
#   _rnnchat_version  of the program that wrote this
#
# fish's own ghost cannot be given another source, so nothing is asked while typing. On a key one small process runs.
#
#   Ctrl-Space        complete the line; again: the next suggestion, and in the end what was typed
#   Tab               fish's own completion, with words that we suggest among the others
#   Alt-Delete        forget the line, after a question; fish's own history keeps it
# RNNCHAT_KEYS=off binds nothing; then bind _rnnchat_complete, _rnnchat_tab and _rnnchat_forget yourself.

status is-interactive; and test "$TERM" != dumb; and test -z "$RNNCHAT_DISABLE"; or exit 0

set -g _rnnchat_session $fish_pid-(random)
set -g _rnnchat_lines
set -g _rnnchat_place 1
set -g _rnnchat_number 0
set -g _rnnchat_greeted
set -g _rnnchat_started 0
set -g _rnnchat_directory $PWD
set -g _rnnchat_taught

# The fields go through a pipe, for what stands on a command line others can read.
function _rnnchat_request
    printf '%s\0' $argv[2..-1] | command $_rnnchat_ask $_rnnchat_folder $argv[1] 2>/dev/null
end

# At most once in ten seconds.
function _rnnchat_start_daemon
    set -l now (date +%s)
    test (math $now - $_rnnchat_started) -ge 10; or return
    set -g _rnnchat_started $now
    set -g _rnnchat_greeted
    RNNCHAT_DISABLE=1 command $_rnnchat_start </dev/null >/dev/null 2>&1 &
    disown 2>/dev/null
end

# Print whole lines that go on from $argv[2], at most $argv[1].
function _rnnchat_suggestions
    string match -qr '^\s' -- $argv[2]; and return 1
    if not test -O $_rnnchat_folder -a -S $_rnnchat_folder/socket
        _rnnchat_start_daemon
        return 1
    end
    set -l now "$PATH"
    if test "$now" != "$_rnnchat_greeted"
        _rnnchat_request 0.3 hello $_rnnchat_session $_rnnchat_version (string join : -- $PATH) (functions -n | string replace -a , ' ') >/dev/null
        and set -g _rnnchat_greeted $now
    end
    set -l answer (_rnnchat_request 0.3 suggest 1 $_rnnchat_session $PWD $argv[1] 0 $argv[2])
    or begin
        _rnnchat_start_daemon
        return 1
    end
    # One line, nothing that a terminal obeys: the daemon holds to that, and so do we.
    for line in $answer[2..-1]
        string match -qr '[[:cntrl:]]' -- $line; or echo -- $line
    end
end

function _rnnchat_complete
    set -l typed (commandline | string collect)
    if test (count $_rnnchat_lines) -gt 0; and test "$typed" = "$_rnnchat_lines[$_rnnchat_place]"
        set -g _rnnchat_place (math $_rnnchat_place % (count $_rnnchat_lines) + 1)
    else
        test (commandline -C) -eq (string length -- "$typed"); or return
        test (count (commandline)) -le 1; or return
        set -g _rnnchat_lines (_rnnchat_suggestions 5 "$typed")
        or return
        test (count $_rnnchat_lines) -gt 0; or return
        set -g _rnnchat_lines $_rnnchat_lines "$typed"
        set -g _rnnchat_place 1
    end
    commandline -r -- $_rnnchat_lines[$_rnnchat_place]
    commandline -f repaint
end

# Print the key that answers a question asked below the line. A process of its own waits for it: while fish's `read` does,
# fish may still colour the line that was typed last, and write that across the question. An arrow is several bytes: all go.
function _rnnchat_key_for
    sh -c 'before=$(stty -g); printf "\n%s" "$1" >&2; stty -icanon -isig -echo min 1; dd bs=16 count=1 2>/dev/null; stty "$before"' \
        sh $argv[1] </dev/tty 2>/dev/tty
end

# Ask before forgetting: there is no way back.
function _rnnchat_forget
    set -l line (commandline | string collect)
    test -n "$line"; or return
    set -l key (_rnnchat_key_for 'rnnchat: forget this line for good? (y/n) ')
    echo
    if string match -qi y -- $key
        if _rnnchat_request 10 forget $line | string match -q ok
            commandline -r ''
            set -g _rnnchat_lines
        else
            echo 'rnnchat: could not forget it; try: rnnchat shell forget'
        end
    end
    commandline -f repaint
end

# Print the next words that we suggest for the line that Tab was pressed in.
function _rnnchat_words
    set -l typed (commandline -cp | string collect)
    set -l begun (commandline -ct)
    set -l head (string sub -l (math (string length -- "$typed") - (string length -- "$begun")) -- "$typed")
    for line in (_rnnchat_suggestions 5 "$typed")
        set -l rest (string sub -s (math (string length -- "$head") + 1) -- $line | string split ' ')
        printf '%s\trnnchat\n' $rest[1]
    end
end

# fish completes by the command's name: add ours to each name when Tab is first pressed behind it.
function _rnnchat_tab
    set -l words (commandline -opc)
    if test (count $words) -gt 0; and not contains -- $words[1] $_rnnchat_taught; and test -z "$fish_private_mode"
        set -ga _rnnchat_taught $words[1]
        complete -c $words[1] -a '(_rnnchat_words)'
    end
    commandline -f complete
end

function _rnnchat_preexec --on-event fish_preexec
    set -g _rnnchat_directory $PWD
    set -g _rnnchat_lines
end

# In the background: the prompt does not wait. What fish keeps out of its history is not sent.
function _rnnchat_postexec --on-event fish_postexec
    set -l ended $status
    test -z "$fish_private_mode"; or return $ended
    string match -qr '^\s|^$' -- $argv[1]; and return $ended
    if functions -q fish_should_add_to_history
        fish_should_add_to_history $argv[1]; or return $ended
    end
    set -g _rnnchat_number (math $_rnnchat_number + 1)
    if test -O $_rnnchat_folder -a -S $_rnnchat_folder/socket
        printf '%s\0' run $_rnnchat_session $_rnnchat_number $_rnnchat_directory $ended $argv[1] |
            command $_rnnchat_ask $_rnnchat_folder 1 >/dev/null 2>&1 &
        disown 2>/dev/null
    else
        _rnnchat_start_daemon
    end
    return $ended
end

if test "$RNNCHAT_KEYS" != off
    if string match -qr '^[4-9]' -- $version
        bind ctrl-space _rnnchat_complete
        bind -M insert ctrl-space _rnnchat_complete
        bind alt-delete _rnnchat_forget
        bind -M insert alt-delete _rnnchat_forget
    else
        bind -k nul _rnnchat_complete
        bind -M insert -k nul _rnnchat_complete
        bind \e\[3\;3~ _rnnchat_forget
        bind -M insert \e\[3\;3~ _rnnchat_forget
    end
    bind \t _rnnchat_tab
    bind -M insert \t _rnnchat_tab
end
