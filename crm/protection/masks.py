"""What people without the right to see a protected value read in its place."""

HIDDEN = "***"


def phone(value: str) -> str:
    """138****5678; of a short number only the last four digits, with an extension hidden."""
    number = value.partition("x")[0]
    if len(number) >= 10:
        return f"{number[:-8]}****{number[-4:]}"
    return f"****{number[-4:]}" if len(number) > 4 else HIDDEN


def email(value: str) -> str:
    """z***@example.cn"""
    local, at, domain = value.partition("@")
    return f"{local[:1]}{HIDDEN}@{domain}" if at else HIDDEN


def tail(value: str) -> str:
    """****1234, for account and identity numbers; nothing of a short one."""
    return f"****{value[-4:]}" if len(value) >= 10 else HIDDEN


def text(value: str) -> str:
    """Nothing of it: addresses, ids of messengers, dates."""
    return HIDDEN
