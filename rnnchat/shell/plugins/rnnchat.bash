# rnnchat for bash 4.4 and newer: a key that completes the line in place from your history and a network, and cycles.
#
# Sourced by what `rnnchat shell init bash` prints, which also sets:
#   _rnnchat_folder   the private folder with the daemon's pipe
#   _rnnchat_start    the command that starts the daemon, an array
#   _rnnchat_version  of the program that wrote this
#
# Readline shows no ghost text; where ble.sh is loaded, which does, we are one of its sources. bash has no sockets: a
# request goes into the daemon's pipe and the answer comes back through one of our own. Both are opened for one
# exchange only, for reading and writing, so that nothing waits for the other end and nothing leaks into commands.
#
#   Ctrl-Space        complete the line; again: the next suggestion, and in the end what was typed
#   Alt-Delete        forget the suggestion that is in the line
# RNNCHAT_KEYS=off binds nothing; then bind `_rnnchat_complete` and `_rnnchat_forget` yourself with bind -x.

if [[ $- != *i* || $TERM == dumb || -n ${RNNCHAT_DISABLE-} || -z ${BASH_VERSINFO-} ]] ||
  ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)); then
  return 0
fi

_rnnchat_session=$$-$SECONDS-$RANDOM
_rnnchat_lines=()     # what was offered, and what was typed as the last
_rnnchat_place=0      # which of them is in the line
_rnnchat_pause=0      # until when, by SECONDS, nothing is asked
_rnnchat_failures=0
_rnnchat_id=0
_rnnchat_number=0
_rnnchat_unsent=()    # commands that the daemon has not confirmed
_rnnchat_last=        # the number of the last entry of bash's own history that we have seen
_rnnchat_greeted=
_rnnchat_directory=$PWD

# Nothing is asked for 1, 2, 4 ... 60 seconds after a failure, so that a broken daemon costs nothing.
_rnnchat_failed() {
  local seconds=$((_rnnchat_failures > 5 ? 60 : 1 << _rnnchat_failures))
  _rnnchat_failures=$((_rnnchat_failures + 1))
  _rnnchat_pause=$((SECONDS + seconds))
  return 1
}

_rnnchat_start_daemon() {
  _rnnchat_greeted=
  _rnnchat_failed
  ((${#_rnnchat_start[@]})) || return 1
  (RNNCHAT_DISABLE=1 "${_rnnchat_start[@]}" </dev/null >/dev/null 2>&1 &)
  return 1
}

# _rnnchat_exchange SECONDS FIRST FIELD...: send a request, set REPLY to the answer whose first field is FIRST. Others
# answer what was asked before and came too late.
_rnnchat_exchange() {
  local seconds=$1 first=$2 requests=$_rnnchat_folder/requests reply=$_rnnchat_folder/reply-$$ in out IFS=$'\x1f'
  shift 2
  ((SECONDS >= _rnnchat_pause)) || return 1
  if [[ ! -O $_rnnchat_folder || ! -p $requests || ! -O $requests ]]; then
    _rnnchat_start_daemon
    return 1
  fi
  local line="reply-$$"$'\x1f'1$'\x1f'"$*"
  line=${line//$'\n'/$'\x1e'}
  # What one write takes whole; longer ones could mix with another shell's.
  ((${#line} < 2000)) || return 1
  [[ -p $reply ]] || (umask 077 && mkfifo "$reply") 2>/dev/null || return 1
  exec {in}<>"$reply" {out}<>"$requests" || return 1
  printf '%s\n' "$line" >&"$out"
  local answered=1
  while IFS= read -r -t "$seconds" -u "$in" REPLY; do
    [[ $REPLY == "$first"* ]] && answered=0 && break
  done
  exec {in}<&- {out}<&-
  if ((answered)); then
    _rnnchat_start_daemon
    return 1
  fi
  _rnnchat_failures=0
}

# Tell the daemon what this shell can run, whenever that changes.
_rnnchat_greet() {
  local now=$PATH:${#BASH_ALIASES[@]} names
  [[ $now == "$_rnnchat_greeted" ]] && return 0
  names=${!BASH_ALIASES[*]}
  _rnnchat_exchange 0.5 ok hello "$_rnnchat_session" "$_rnnchat_version" "$PATH" "${names:0:1000}" || return 1
  _rnnchat_greeted=$now
}

# _rnnchat_ask TEXT COUNT: set _rnnchat_lines to whole lines that begin with TEXT.
_rnnchat_ask() {
  local text=$1 count=$2 line fields
  _rnnchat_lines=()
  [[ $text == [[:blank:]]* || ${#text} -gt 300 ]] && return 1
  _rnnchat_greet
  _rnnchat_id=$((_rnnchat_id + 1))
  _rnnchat_exchange 0.5 "$_rnnchat_id"$'\x1f' suggest "$_rnnchat_id" "$_rnnchat_session" "$PWD" "$count" 0 "$text" || return 1
  IFS=$'\x1f' read -r -a fields <<<"$REPLY"
  for line in "${fields[@]:1}"; do
    # One line, nothing that a terminal obeys: the daemon holds to that, and so do we.
    [[ $line == "$text"?* && $line != *[[:cntrl:]]* ]] && _rnnchat_lines+=("$line")
  done
  ((${#_rnnchat_lines[@]}))
}

_rnnchat_complete() {
  if ((${#_rnnchat_lines[@]})) && [[ $READLINE_LINE == "${_rnnchat_lines[_rnnchat_place]}" ]]; then
    _rnnchat_place=$(((_rnnchat_place + 1) % ${#_rnnchat_lines[@]}))
  else
    local LC_ALL=C
    ((READLINE_POINT == ${#READLINE_LINE})) || return 0
    unset -v LC_ALL
    local typed=$READLINE_LINE
    _rnnchat_ask "$typed" 5 || return 0
    _rnnchat_lines+=("$typed")
    _rnnchat_place=0
  fi
  READLINE_LINE=${_rnnchat_lines[_rnnchat_place]}
  local LC_ALL=C
  READLINE_POINT=${#READLINE_LINE}
}

# Ask before forgetting: there is no way back.
_rnnchat_forget() {
  local line=$READLINE_LINE key
  [[ -n $line ]] || return 0
  printf 'rnnchat: forget this line for good? (y/n) ' >/dev/tty
  IFS= read -r -s -n 1 key </dev/tty
  printf '\r\e[K' >/dev/tty
  [[ $key == [yY] ]] || return 0
  if _rnnchat_exchange 10 ok forget "$line"; then
    READLINE_LINE= READLINE_POINT=0
    _rnnchat_lines=()
  else
    printf 'rnnchat: could not forget it; try: rnnchat shell forget\n' >/dev/tty
  fi
}

# What bash keeps out of its history, by a leading blank or HISTIGNORE, is not seen here either.
_rnnchat_prompt() {
  local status=$? entry number
  if [[ ${BLE_VERSION-} && -z ${_rnnchat_in_ble-} ]]; then
    _rnnchat_join_ble
  fi
  # One process for a command, none for a key.
  entry=$(HISTTIMEFORMAT='' history 1 2>/dev/null)
  if [[ $entry =~ ^[[:blank:]]*([0-9]+)\*?[[:blank:]]+(.*)$ ]]; then
    number=${BASH_REMATCH[1]}
    if [[ -n $_rnnchat_last && $number != "$_rnnchat_last" ]]; then
      _rnnchat_number=$((_rnnchat_number + 1))
      _rnnchat_unsent+=("$_rnnchat_number"$'\x1f'"$_rnnchat_directory"$'\x1f'"$status"$'\x1f'"${BASH_REMATCH[2]}")
      ((${#_rnnchat_unsent[@]} > 100)) && _rnnchat_unsent=("${_rnnchat_unsent[@]:1}")
    fi
    _rnnchat_last=$number
  else
    _rnnchat_last=${_rnnchat_last:-0}
  fi
  _rnnchat_directory=$PWD
  _rnnchat_lines=()
  while ((${#_rnnchat_unsent[@]})) && _rnnchat_exchange 0.05 ok$'\x1f'"${_rnnchat_unsent[0]%%$'\x1f'*}" run "$_rnnchat_session" "${_rnnchat_unsent[0]}"; do
    _rnnchat_unsent=("${_rnnchat_unsent[@]:1}")
  done
  return "$status"
}

# Where ble.sh draws ghost text, it asks us first. It calls this when no key is waiting.
_rnnchat_join_ble() {
  _rnnchat_in_ble=1
  type -t ble/array#unshift >/dev/null || return 0
  eval 'function ble/complete/auto-complete/source:rnnchat {
    ((_ble_edit_ind == ${#_ble_edit_str})) || return 1
    ble/complete/check-cancel && return 148
    _rnnchat_ask "$_ble_edit_str" 1 || return 1
    ble/complete/auto-complete/enter h 0 "${_rnnchat_lines[0]:${#_ble_edit_str}}" "" "${_rnnchat_lines[0]}"
  }'
  # Completion is loaded when the shell is idle, and then sets its sources anew: what joins before that is lost.
  local join='ble/array#unshift _ble_complete_auto_source rnnchat'
  if type -t ble/util/import/eval-after-load >/dev/null; then
    ble/util/import/eval-after-load core-complete "$join"
  else
    eval "$join"
  fi
}

if [[ ${PROMPT_COMMAND[*]-} != *_rnnchat_prompt* ]]; then
  # First, so that we see the exit status of the command.
  PROMPT_COMMAND="_rnnchat_prompt${PROMPT_COMMAND:+; $PROMPT_COMMAND}"
fi
if [[ ${RNNCHAT_KEYS-} != off ]]; then
  for _rnnchat_map in emacs-standard vi-insert; do
    bind -m "$_rnnchat_map" -x '"\C-@": _rnnchat_complete'
    bind -m "$_rnnchat_map" -x '"\e[3;3~": _rnnchat_forget'
  done
  unset -v _rnnchat_map
fi
