"""Commands that destroy: they are suggested whole only to a person who has typed them so before."""

from __future__ import annotations

import re
from functools import lru_cache

# A command may stand behind sudo and the like, an assignment, or another command.
START = r"(?:^|[;&|(]\s*)\s*(?:(?:sudo|doas|env|nohup|time|nice|command|builtin|exec|xargs)\s+(?:-\S+\s+)*|\w+=\S*\s+)*(?:\S*/)?"

DESTRUCTIVE = re.compile(
    "|".join(
        (
            START + r"rm\s(?:.*\s)?-\w*[rRf]",
            START + r"rm\s(?:.*\s)?--(?:recursive|force|no-preserve-root)",
            START + r"rm\s.*[*?]",
            START + r"(?:dd|shred|wipefs|fdisk|sfdisk|parted|mkswap|blkdiscard)(?:\s|$)",
            START + r"mkfs(?:\.\w+)?(?:\s|$)",
            START + r"(?:shutdown|reboot|halt|poweroff|init\s+[06])\b",
            START + r"(?:kill\s+-(?:9|KILL|SIGKILL)\s+-1|killall|pkill)\b",
            START + r"find\s.*\s-(?:delete|exec\s+rm)\b",
            START + r"(?:chmod|chown|chgrp)\s(?:.*\s)?(?:-\w*R|--recursive)",
            START
            + r"git\s(?:.*\s)?(?:reset\s+(?:\S+\s+)*--(?:hard|merge)|clean\s+(?:.*\s)?-\w*[fdx]|checkout\s+(?:--\s+)?\.(?:\s|$)|restore\s+(?:\S+\s+)*\.(?:\s|$))",
            START
            + r"git\s(?:.*\s)?(?:push\s(?:.*\s)?(?:-f\b|--force|--delete|--mirror|\+)|branch\s(?:.*\s)?-D|stash\s+(?:clear|drop)|filter-branch|filter-repo|update-ref\s+-d)",
            START
            + r"(?:docker|podman)\s(?:.*\s)?(?:prune|rmi?\s(?:.*\s)?-\w*f|volume\s+rm|down\s(?:.*\s)?(?:-v|--volumes))",
            START + r"kubectl\s(?:.*\s)?delete\b",
            START
            + r"(?:helm\s(?:.*\s)?(?:uninstall|delete)|terraform\s(?:.*\s)?(?:destroy|apply\s(?:.*\s)?-auto-approve))\b",
            START
            + r"(?:dropdb|dropuser|userdel|groupdel|deluser|lvremove|vgremove|pvremove|zpool\s+destroy|zfs\s+destroy)\b",
            START
            + r"(?:apt|apt-get|yum|dnf|zypper|pacman)\s(?:.*\s)?(?:purge|autoremove|remove|erase|-R\w*)\s.*-(?:y|-yes|-noconfirm)",
            START + r"crontab\s+(?:.*\s)?-r\b",
            START + r"truncate\s(?:.*\s)?(?:-s\s*0|--size[= ]0)",
            START + r"rsync\s.*--delete",
            START + r"(?:mv|cp)\s.*\s/dev/(?:null|sd|nvme|disk)",
            r">\s*/dev/(?:sd|nvme|hd|vd|disk|mmcblk)",
            r">\s*/(?:etc|boot)/",
            r"(?i:\b(?:drop\s+(?:database|table|schema)|truncate\s+table|delete\s+from)\b)",
            r"\b(?:curl|wget)\b.*\|\s*(?:sudo\s+)?(?:ba|z|da|k)?sh\b",
            r":\s*\(\s*\)\s*\{",
        )
    )
)


@lru_cache(maxsize=4_096)  # the same lines come up key after key
def is_destructive(command: str) -> bool:
    """Tell whether running `command` may destroy what cannot be brought back."""
    return DESTRUCTIVE.search(command) is not None
