"""Secrets encrypted at rest: NAME.sealed beside the plain files, opened with a key file.

AES-256-GCM with a fresh nonce each; the secret's name is authenticated with it, so that one sealed
file cannot stand in for another. The key is 32 bytes in base64, in a file of its owner's, best a
systemd credential, which the machine's TPM can keep (systemd-creds).
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from flowrt.errors import SecretMissing

__all__ = ["KEY_NAME", "SUFFIX", "key_file", "new_key", "opened", "sealed"]

KEY_NAME: Final = "flowrt-key"
"""The systemd credential that holds the key."""
SUFFIX: Final = ".sealed"
_HEADER: Final = b"flowrt-sealed-1\n"
_NONCE: Final = 12
_KEY_BYTES: Final = 32


def key_file(environment: Mapping[str, str]) -> Path:
    """Where the key is: the credential, else $FLOWRT_KEY_FILE, else ~/.config/flowrt/key."""
    credential = Path(environment.get("CREDENTIALS_DIRECTORY", "/nonexistent")) / KEY_NAME
    if credential.is_file():
        return credential
    default = Path(environment.get("HOME", "/root")) / ".config" / "flowrt" / "key"
    return Path(environment.get("FLOWRT_KEY_FILE") or default)


def new_key() -> bytes:
    """The content of a new key file."""
    return base64.b64encode(secrets.token_bytes(_KEY_BYTES)) + b"\n"


def sealed(name: str, value: str, key: Path) -> bytes:
    """The content of NAME.sealed; raises SecretMissing where there is no usable key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(_NONCE)
    hidden = AESGCM(_key(key)).encrypt(nonce, value.encode(), name.encode())
    return _HEADER + base64.b64encode(nonce + hidden) + b"\n"


def opened(name: str, data: bytes, key: Path) -> str:
    """The value of a sealed secret; raises SecretMissing."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        raw = base64.b64decode(data.removeprefix(_HEADER), validate=False)
        plain = AESGCM(_key(key)).decrypt(raw[:_NONCE], raw[_NONCE:], name.encode())
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise SecretMissing(
            f'the secret "{name}" cannot be opened by the key {key}: it was sealed by another key '
            "or for another name, or is damaged. Seal it anew: flowrt secret set"
        ) from error
    return plain.decode()


def _key(file: Path) -> bytes:
    try:
        if file.name != KEY_NAME and file.stat().st_mode & 0o077:
            raise SecretMissing(f"the key {file} can be read by others. Run: chmod 600 {file}")
        key = base64.b64decode(file.read_bytes())
    except (OSError, binascii.Error) as error:
        raise SecretMissing(
            f"there is no key in {file}: {error}. Make one: flowrt secret key"
        ) from error
    if len(key) != _KEY_BYTES:
        raise SecretMissing(f"{file} holds {len(key)} bytes, a key has {_KEY_BYTES}.")
    return key
