# rnnchat for zsh 5.3 and newer: ghost text from your own history and a network, by a daemon that no key waits for.
#
# Sourced by what `rnnchat shell init zsh` prints, which also sets:
#   _rnnchat_folder   the private folder with the daemon's socket
#   _rnnchat_start    the command that starts the daemon, an array
#   _rnnchat_version  of the program that wrote this
#
# How it works. A hook looks at the line before each redraw (no widget is wrapped but those that accept). What was
# typed is sent over a fresh connection, because a kept one would leak into every command; the answer is read when
# zle says it is there. An answer to an older line is dropped, and typing into the ghost only shortens it.

[[ -o interactive && $TERM != dumb && -z $RNNCHAT_DISABLE ]] || return 0
zmodload zsh/net/socket zsh/datetime zsh/parameter zsh/sched zsh/zselect 2>/dev/null || return 0
autoload -Uz add-zsh-hook add-zle-hook-widget is-at-least
is-at-least 5.3 || return 0

typeset -g _rnnchat_ghost=          # what we put into POSTDISPLAY
typeset -ga _rnnchat_lines=()       # whole lines that were offered, the one shown first
typeset -ga _rnnchat_saved=()       # those that a key went past
typeset -g _rnnchat_buffer=         # the line when we looked last
typeset -g _rnnchat_fd=             # the connection that an answer is awaited on
typeset -g _rnnchat_run_fd=         # the same for the newest command
typeset -g _rnnchat_hello_fd=       # and for the greeting
typeset -gi _rnnchat_id=0           # of the newest request
typeset -g _rnnchat_sent=0          # when it was sent
typeset -gi _rnnchat_again=0        # times that the line was asked about anew, because the daemon was too busy
typeset -g _rnnchat_pause=0         # until when nothing is asked, because the daemon did not answer
typeset -gi _rnnchat_failures=0
typeset -gi _rnnchat_on=1
typeset -gi _rnnchat_live=0         # in a line that we may complete
typeset -g _rnnchat_wanted=         # a request that waits for the one before it
typeset -g _rnnchat_session=$$-$EPOCHSECONDS
typeset -gi _rnnchat_number=0       # of the commands run here
typeset -ga _rnnchat_unsent=()      # commands that the daemon has not confirmed yet
typeset -g _rnnchat_command=        # the one that runs now
typeset -ga _rnnchat_ignored=()     # shown before it and not taken
typeset -g _rnnchat_shown=          # the last whole line that was shown
typeset -g _rnnchat_greeted=        # the $PATH and aliases that the daemon knows
: ${RNNCHAT_STYLE:=fg=8}
: ${RNNCHAT_TIMEOUT:=1}
: ${RNNCHAT_MAX_LENGTH:=300}

# ---- the daemon ------------------------------------------------------------------------------------------------

# Nothing is asked for 1, 2, 4 ... 60 seconds after a failure, so that a broken daemon costs nothing.
_rnnchat-failed() {
  (( _rnnchat_failures++ ))
  local -i seconds=$(( _rnnchat_failures > 6 ? 60 : 1 << (_rnnchat_failures - 1) ))
  _rnnchat_pause=$(( EPOCHREALTIME + seconds ))
  # The line that waits now is asked about when the pause is over, without another key.
  _rnnchat-unschedule
  sched +$(( seconds + 1 )) _rnnchat-ask-later
}

_rnnchat-unschedule() {
  local -i place
  while (( place = ${zsh_scheduled_events[(I)*:_rnnchat-ask-later]} )); do sched -$place; done
}

_rnnchat-ask-later() {
  (( _rnnchat_live && _rnnchat_on )) && zle || return 0
  # zle does not look at a connection that was made while it slept before the next key: so we look ourselves.
  if [[ -z $_rnnchat_fd ]]; then
    zle _rnnchat-retry
    [[ -n $_rnnchat_fd ]] && sched +1 _rnnchat-ask-later
  elif zselect -t 0 -r $_rnnchat_fd 2>/dev/null; then
    _rnnchat-answer $_rnnchat_fd
  fi
  return 0
}

_rnnchat-retry() {
  [[ -z $_rnnchat_fd && -z $_rnnchat_ghost && $BUFFER == "$_rnnchat_buffer" ]] || return 0
  (( CURSOR == $#BUFFER )) && [[ $BUFFER != [[:blank:]]* ]] && _rnnchat-ask
  return 0
}
zle -N _rnnchat-retry

# In the background, detached from the terminal and from the job table.
_rnnchat-start-daemon() {
  _rnnchat-failed
  _rnnchat_greeted=
  (( $#_rnnchat_start )) || return 0
  ( RNNCHAT_DISABLE=1 "$_rnnchat_start[@]" </dev/null >/dev/null 2>&1 & ) 2>/dev/null
}

# Set REPLY to a connection. The folder must be ours: another user's daemon gets nothing.
_rnnchat-connect() {
  (( EPOCHREALTIME >= _rnnchat_pause )) || return 1
  if [[ ! -S $_rnnchat_folder/socket ]]; then
    _rnnchat-start-daemon
    return 1
  fi
  if [[ ! -O $_rnnchat_folder || ! -O $_rnnchat_folder/socket ]] || ! zsocket $_rnnchat_folder/socket 2>/dev/null; then
    _rnnchat-start-daemon
    return 1
  fi
}

# Unregister first, then close; never with a redirection of stderr, which `exec` would keep for good.
_rnnchat-close() {
  local fd=$1
  [[ -n $fd ]] || return 0
  zle -F $fd 2>/dev/null
  exec {fd}<&-
}

# Join the arguments into a request line; a line end within one becomes the byte 1e.
_rnnchat-request() {
  local IFS=$'\x1f'
  local line="1"$'\x1f'"$*"
  REPLY=${line//$'\n'/$'\x1e'}
}

# ---- asking and showing ----------------------------------------------------------------------------------------

# In vi's command mode the cursor stands on the last character, not behind it.
_rnnchat-at-end() {
  local -i end=$#BUFFER
  [[ $KEYMAP == vicmd ]] && (( end > 0 && end-- ))
  (( CURSOR >= end ))
}

_rnnchat-hide() {
  [[ -n $_rnnchat_ghost ]] || return 0
  [[ $POSTDISPLAY == "$_rnnchat_ghost" ]] && POSTDISPLAY=
  _rnnchat_ghost=
  region_highlight=( "${(@)region_highlight:#*memo=rnnchat}" )
}

# Show what goes on from the line, if the first of the offered lines does.
_rnnchat-show() {
  local rest=
  _rnnchat-at-end && [[ $_rnnchat_lines[1] == "$BUFFER"?* ]] && rest=${_rnnchat_lines[1]#"$BUFFER"}
  # Text that another plugin shows there is left alone.
  if [[ -n $POSTDISPLAY && $POSTDISPLAY != "$_rnnchat_ghost" ]]; then
    _rnnchat_ghost=
    return 0
  fi
  [[ -z $rest ]] && { _rnnchat-hide; return 0 }
  _rnnchat_shown=$_rnnchat_lines[1]
  _rnnchat_ghost=$rest
  POSTDISPLAY=$rest
  # Our own entry is known by its memo; before 5.9 the comma makes zsh drop the word.
  region_highlight=( "${(@)region_highlight:#*memo=rnnchat}" "$#BUFFER $(( $#BUFFER + $#rest )) $RNNCHAT_STYLE, memo=rnnchat" )
}

# Ask for what may follow the line. One request is under way at a time; the newest waits, older ones are dropped.
_rnnchat-ask() {
  if [[ -n $_rnnchat_fd ]]; then
    if (( EPOCHREALTIME - _rnnchat_sent < RNNCHAT_TIMEOUT )); then
      _rnnchat_wanted=1
      return 0
    fi
    _rnnchat-close $_rnnchat_fd
    _rnnchat_fd=
    _rnnchat-failed
  fi
  _rnnchat_wanted=
  local REPLY fd
  _rnnchat-greet || return 0
  _rnnchat-connect || return 0
  fd=$REPLY
  (( _rnnchat_id++ ))
  _rnnchat-request suggest $_rnnchat_id $_rnnchat_session "$PWD" 5 1 "$PREBUFFER$BUFFER"
  if ! print -rnu $fd -- "$REPLY"$'\n' 2>/dev/null; then
    exec {fd}<&-
    _rnnchat-failed
    return 0
  fi
  _rnnchat_fd=$fd
  _rnnchat_sent=$EPOCHREALTIME
  zle -F $fd _rnnchat-answer
}

# Called by zle when the connection can be read, or has ended.
_rnnchat-answer() {
  local fd=$1 line=
  zle -F $fd
  IFS= read -r -t 0.05 -u $fd line
  exec {fd}<&-
  [[ $fd == $_rnnchat_fd ]] || return 0
  _rnnchat_fd=
  local -a fields=( "${(@ps:\x1f:)line}" )
  if [[ $fields[1] == $_rnnchat_id ]]; then
    _rnnchat_failures=0
    zle _rnnchat-take "${(@)fields[2,-1]}"
  elif [[ -n $_rnnchat_wanted ]]; then
    zle _rnnchat-take
  elif [[ -z $line ]] && (( _rnnchat_again < 3 )); then
    # The daemon was too busy to answer in time, or is gone: asking again finds out which.
    (( _rnnchat_again++ ))
    zle _rnnchat-retry
  fi
}

# Take lines that were offered; drop those that the line has gone past.
_rnnchat-take() {
  if [[ -n $_rnnchat_wanted ]]; then
    _rnnchat-ask
    return 0
  fi
  local line
  local -a lines=()
  (( _rnnchat_live )) || return 0
  for line in "$@"; do
    line=${line//$'\x1e'/$'\n'}
    [[ -n $PREBUFFER ]] && line=${line#"$PREBUFFER"}
    # One line, nothing that a terminal obeys: the daemon holds to that, and so do we.
    [[ $line == "$BUFFER"?* && ${line#"$BUFFER"} != *[[:cntrl:]]* ]] && lines+=( "$line" )
  done
  _rnnchat_lines=( "$lines[@]" )
  _rnnchat-show
  zle -R
}
zle -N _rnnchat-take

# Before each redraw: has the line changed, and may it be completed?
_rnnchat-redraw() {
  (( _rnnchat_live && _rnnchat_on )) || return 0
  if [[ $BUFFER == "$_rnnchat_buffer" ]]; then
    _rnnchat-show
    return 0
  fi
  local before=$_rnnchat_buffer
  _rnnchat_buffer=$BUFFER
  _rnnchat_again=0
  (( _rnnchat_id++ ))  # an answer that is still under way is to another line
  # What was offered still fits after typing into it, and again after taking back a wrong key.
  if [[ $_rnnchat_lines[1] == "$BUFFER"?* ]]; then
    _rnnchat-show
    return 0
  elif [[ $before == "$BUFFER"* && $_rnnchat_saved[1] == "$BUFFER"?* ]]; then
    _rnnchat_lines=( "$_rnnchat_saved[@]" )
    _rnnchat-show
    return 0
  fi
  [[ -n $_rnnchat_ghost ]] && _rnnchat_saved=( "$_rnnchat_lines[@]" )
  _rnnchat_lines=()
  _rnnchat-hide
  if (( $#BUFFER > RNNCHAT_MAX_LENGTH || CURSOR != $#BUFFER || PENDING || KEYS_QUEUED_COUNT )); then
    (( PENDING || KEYS_QUEUED_COUNT )) && _rnnchat_buffer=$before  # more keys wait: look again after them
    return 0
  fi
  # Nothing is guessed after a deletion, a paste or a move through history, nor in a line that begins with a blank.
  [[ $#BUFFER -lt $#before && $before == "$BUFFER"* ]] && return 0
  [[ $BUFFER == [[:blank:]]* || $LASTWIDGET == (*paste*|*history*|*line-or*|*yank*|undo|redo|*search*) ]] && return 0
  [[ -n $ZLE_STATE && $ZLE_STATE == *overwrite* ]] && return 0
  _rnnchat-ask
}
zle -N _rnnchat-redraw

_rnnchat-line-init() {
  _rnnchat_live=0
  [[ $CONTEXT == (start|cont) ]] || return 0   # not in vared or select
  (( $+ZSH_AUTOSUGGEST_STRATEGY )) && return 0  # zsh-autosuggestions shows it, by our strategy
  _rnnchat_live=1
  _rnnchat_lines=()
  _rnnchat_saved=()
  _rnnchat_ghost=
  _rnnchat_shown=
  _rnnchat_again=0
  _rnnchat_buffer=$BUFFER
  # ^C leaves the line without zle-line-finish. A trap of the person's own is left alone, and ours is gone before
  # any command runs.
  (( $+functions[TRAPINT] )) || functions[TRAPINT]='zle && zle _rnnchat-vanish; return $(( 128 + $1 ))'
  (( _rnnchat_on )) && _rnnchat-ask
  return 0
}
zle -N _rnnchat-line-init

_rnnchat-vanish() { _rnnchat-hide; zle -R }
zle -N _rnnchat-vanish

_rnnchat-untrap() {
  [[ ${functions[TRAPINT]} == *_rnnchat-vanish* ]] && unfunction TRAPINT
  return 0
}

# The ghost must be gone before the line is left in the scrollback, whoever ends it.
_rnnchat-line-finish() {
  _rnnchat-hide
  _rnnchat-leave
}
zle -N _rnnchat-line-finish

_rnnchat-leave() {
  _rnnchat-untrap
  _rnnchat-unschedule
  _rnnchat_live=0
  _rnnchat_ghost=
  _rnnchat_wanted=
  # No connection may leak into the command that is about to run. What was not confirmed is sent again later.
  [[ -n $_rnnchat_hello_fd ]] && _rnnchat_greeted=
  _rnnchat-close $_rnnchat_fd
  _rnnchat-close $_rnnchat_run_fd
  _rnnchat-close $_rnnchat_hello_fd
  _rnnchat_fd= _rnnchat_run_fd= _rnnchat_hello_fd=
  return 0
}

# ---- what is run -----------------------------------------------------------------------------------------------

# A command that the person keeps out of history is not sent: the text does not leave this function.
_rnnchat-preexec() {
  _rnnchat_command=
  local text=${1%%$'\n'}
  [[ -n $text && $text != [[:blank:]]* ]] || return 0
  [[ -n $HISTORY_IGNORE && $text == ${~HISTORY_IGNORE} ]] && return 0
  [[ -n $RNNCHAT_IGNORE && $text == ${~RNNCHAT_IGNORE} ]] && return 0
  (( $#text < 4096 )) || return 0
  _rnnchat_command=$text
  _rnnchat_ignored=()
  [[ -n $_rnnchat_shown && $_rnnchat_shown != "$text" ]] && _rnnchat_ignored=( "$_rnnchat_shown" )
  return 0
}

_rnnchat-precmd() {
  local ended=$?
  _rnnchat-leave
  if [[ -n $_rnnchat_command ]]; then
    local REPLY
    (( _rnnchat_number++ ))
    _rnnchat-request run $_rnnchat_session $_rnnchat_number "$_rnnchat_directory" $ended "$_rnnchat_command" "$_rnnchat_ignored[@]"
    _rnnchat_unsent+=( "$REPLY" )
    # A daemon that is away for a whole day is not waited for.
    (( $#_rnnchat_unsent > 100 )) && shift _rnnchat_unsent
    _rnnchat_command=
  fi
  _rnnchat_directory=$PWD
  _rnnchat-send-commands
  return $ended
}

# Send what is not confirmed yet; the answers are read when they come.
_rnnchat-send-commands() {
  (( $#_rnnchat_unsent && _rnnchat_on )) || return 0
  local REPLY fd
  if [[ -n $_rnnchat_run_fd ]]; then  # not answered since the last prompt
    _rnnchat-close $_rnnchat_run_fd
    _rnnchat_run_fd=
    _rnnchat-failed
  fi
  _rnnchat-connect || return 0
  fd=$REPLY
  if print -rnu $fd -- "$_rnnchat_unsent[1]"$'\n' 2>/dev/null; then
    _rnnchat_run_fd=$fd
    zle -F $fd _rnnchat-confirmed
  else
    exec {fd}<&-
    _rnnchat-failed
  fi
}

_rnnchat-confirmed() {
  local fd=$1 line=
  zle -F $fd
  IFS= read -r -t 0.05 -u $fd line
  exec {fd}<&-
  _rnnchat_run_fd=
  local -a fields=( "${(@ps:\x1f:)line}" )
  if [[ $fields[1] == (ok|error) ]]; then
    _rnnchat_failures=0
    [[ $fields[1] == error || $_rnnchat_unsent[1] == *$'\x1f'$fields[2]$'\x1f'* ]] && shift _rnnchat_unsent
    _rnnchat-send-commands
  fi
  return 0
}

# Tell the daemon what this shell can run, once and whenever it changes: what does not exist is not offered.
_rnnchat-greet() {
  local now=$PATH$'\x1f'$#aliases$'\x1f'$#functions
  [[ $now != $_rnnchat_greeted ]] || return 0
  local REPLY fd line
  _rnnchat-close $_rnnchat_hello_fd
  _rnnchat_hello_fd=
  _rnnchat-connect || return 1
  fd=$REPLY
  local -a names=( ${(k)aliases} ${(k)functions:#[_-.]*} )
  line="${names[*]}"
  _rnnchat-request hello $_rnnchat_session $_rnnchat_version $PATH "${line[1,8000]}"
  if print -rnu $fd -- "$REPLY"$'\n' 2>/dev/null; then
    _rnnchat_greeted=$now
    _rnnchat_hello_fd=$fd
    zle -F $fd _rnnchat-confirmed-greeting
  else
    exec {fd}<&-
    _rnnchat-failed
    return 1
  fi
}

_rnnchat-confirmed-greeting() {
  local fd=$1 line=
  zle -F $fd
  IFS= read -r -t 0.05 -u $fd line
  exec {fd}<&-
  _rnnchat_hello_fd=
  [[ $line == ok* ]] || _rnnchat_greeted=
}

# ---- accepting -------------------------------------------------------------------------------------------------

# Put the first part of the ghost into the line; it is never run.
_rnnchat-accept() {
  local part=$1
  BUFFER=$BUFFER$part
  CURSOR=$#BUFFER
  _rnnchat_buffer=$BUFFER
  _rnnchat-show
  (( $#_rnnchat_ghost )) || _rnnchat-ask
}

# Tell whether our ghost is there to be taken.
_rnnchat-ready() {
  [[ -n $_rnnchat_ghost && $POSTDISPLAY == "$_rnnchat_ghost" ]] && _rnnchat-at-end
}

rnnchat-accept() { _rnnchat-ready && _rnnchat-accept "$_rnnchat_ghost" }
rnnchat-accept-character() { _rnnchat-ready && _rnnchat-accept "$_rnnchat_ghost[1]" }
rnnchat-accept-word() {
  _rnnchat-ready || return 1
  local blank=${_rnnchat_ghost%%[^[:blank:]]*}
  local rest=${_rnnchat_ghost#"$blank"}
  _rnnchat-accept "$blank${rest%%[[:blank:]]*}"
}
# Up to and with the next /, or the end of the word.
rnnchat-accept-part() {
  _rnnchat-ready || return 1
  local blank=${_rnnchat_ghost%%[^[:blank:]]*}
  local word=${${_rnnchat_ghost#"$blank"}%%[[:blank:]]*}
  [[ $word == */* ]] && word=${word%%/*}/
  _rnnchat-accept "$blank$word"
}
rnnchat-next() {
  (( $#_rnnchat_lines > 1 )) || return 0
  _rnnchat_lines=( "${(@)_rnnchat_lines[2,-1]}" "$_rnnchat_lines[1]" )
  _rnnchat-show
}
rnnchat-previous() {
  (( $#_rnnchat_lines > 1 )) || return 0
  _rnnchat_lines=( "$_rnnchat_lines[-1]" "${(@)_rnnchat_lines[1,-2]}" )
  _rnnchat-show
}
# Ask before forgetting: there is no way back.
rnnchat-forget() {
  _rnnchat-ready || return 0
  local line=$_rnnchat_lines[1] REPLY key answer= fd
  zle -R "rnnchat: forget \"${(V)line}\"? (y/n)"
  read -k 1 key
  zle -R
  [[ $key == [yY] ]] || return 0
  if _rnnchat-connect; then
    fd=$REPLY
    _rnnchat-request forget "$line"
    print -rnu $fd -- "$REPLY"$'\n' 2>/dev/null && IFS= read -r -t 10 -u $fd answer
    exec {fd}<&-
  fi
  if [[ $answer == ok* ]]; then
    _rnnchat_lines=( "${(@)_rnnchat_lines:#${(b)line}}" )
    _rnnchat_saved=()
    _rnnchat_shown=
    _rnnchat-hide
    _rnnchat-show
    zle -M "rnnchat: forgotten"
  else
    zle -M "rnnchat: could not forget it; try: rnnchat shell forget"
  fi
}
rnnchat-toggle() {
  _rnnchat_on=$(( ! _rnnchat_on ))
  if (( _rnnchat_on )); then
    _rnnchat_pause=0 _rnnchat_failures=0
    _rnnchat-ask
    zle -M "rnnchat is on"
  else
    _rnnchat_lines=()
    _rnnchat-hide
    zle -M "rnnchat is off"
  fi
}

# The keys that go right at the end of a line take the ghost; elsewhere they do what they did.
_rnnchat-wrap() {
  local widget=$1 taking=$2
  [[ ${widgets[$widget]} == user:_rnnchat-*-or-* ]] && return 0
  if [[ ${widgets[$widget]} == builtin ]]; then
    eval "_rnnchat-original-$widget() { zle .$widget -- \"\$@\" }"
  elif [[ ${widgets[$widget]} == user:* ]]; then
    zle -A $widget _rnnchat-kept-$widget
    eval "_rnnchat-original-$widget() { zle _rnnchat-kept-$widget -- \"\$@\" }"
  else
    return 0
  fi
  eval "_rnnchat-$taking-or-$widget() { if _rnnchat-ready; then rnnchat-$taking; else _rnnchat-original-$widget \"\$@\"; fi }"
  zle -N $widget _rnnchat-$taking-or-$widget
}

() {
  local widget
  for widget in accept accept-word accept-part accept-character next previous forget toggle; do
    zle -N rnnchat-$widget
  done
  for widget in forward-char vi-forward-char end-of-line vi-end-of-line; do _rnnchat-wrap $widget accept; done
  for widget in forward-word emacs-forward-word vi-forward-word vi-forward-blank-word; do
    _rnnchat-wrap $widget accept-word
  done
  [[ $RNNCHAT_KEYS == off ]] && return 0
  local map
  for map in emacs viins; do
    bindkey -M $map '^[[1;2C' rnnchat-accept-character '^[[1;4C' rnnchat-accept-part '^[/' rnnchat-accept-part
    bindkey -M $map '^[[1;3B' rnnchat-next '^[[1;3A' rnnchat-previous '^[[3;2~' rnnchat-forget '^X^N' rnnchat-toggle
  done
}

# zsh-autosuggestions, where it is loaded, asks us first; it does so in a process of its own, so we may wait there.
_zsh_autosuggest_strategy_rnnchat() {
  typeset -g suggestion=
  local REPLY fd line=
  [[ $1 == [[:blank:]]* || $#1 -gt $RNNCHAT_MAX_LENGTH ]] && return 0
  _rnnchat-connect || return 0
  fd=$REPLY
  _rnnchat-request suggest 0 $_rnnchat_session "$PWD" 1 1 "$1"
  print -rnu $fd -- "$REPLY"$'\n' 2>/dev/null && IFS= read -r -t $RNNCHAT_TIMEOUT -u $fd line
  exec {fd}<&-
  local -a fields=( "${(@ps:\x1f:)line}" )
  [[ $fields[2] == "$1"?* && $fields[2] != *[[:cntrl:]]* ]] && suggestion=$fields[2]
}
_rnnchat-join-autosuggestions() {
  (( $+ZSH_AUTOSUGGEST_STRATEGY )) || return 0
  [[ " $ZSH_AUTOSUGGEST_STRATEGY " == *" rnnchat "* ]] || ZSH_AUTOSUGGEST_STRATEGY=( rnnchat $ZSH_AUTOSUGGEST_STRATEGY )
  _rnnchat-greet
  return 0
}

# Who sets a widget such as zle-line-init after us, as oh-my-zsh does, takes the place of all hooks: join theirs.
_rnnchat-hook() {
  local hook
  for hook in line-init:_rnnchat-line-init line-pre-redraw:_rnnchat-redraw line-finish:_rnnchat-line-finish; do
    [[ $widgets[zle-${hook%%:*}] == user:azhw:* ]] || add-zle-hook-widget ${hook%%:*} ${hook##*:}
  done
  return 0
}

typeset -g _rnnchat_directory=$PWD
add-zsh-hook preexec _rnnchat-preexec
add-zsh-hook precmd _rnnchat-precmd
add-zsh-hook precmd _rnnchat-join-autosuggestions
add-zsh-hook precmd _rnnchat-hook
_rnnchat-hook
