"""Tokens at rest: encrypted with the first key of ENCRYPTION_KEY, readable with any of them."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from webapp.errors import VaultError

_ANOTHER_KEY = "the stored token was encrypted with another ENCRYPTION_KEY"


class Vault:
    """Encrypts and decrypts short secrets."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._fernet = MultiFernet([Fernet(key.encode()) for key in keys])

    def seal(self, secret: str) -> bytes:
        """Encrypt a secret for the database."""
        return self._fernet.encrypt(secret.encode())

    def renew(self, sealed: bytes) -> bytes:
        """Re-encrypt, with the first key.

        Raises:
            VaultError: it was sealed with a key that is not among ours.
        """
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken as error:
            raise VaultError(_ANOTHER_KEY) from error

    def open(self, sealed: bytes) -> str:
        """Decrypt a secret.

        Raises:
            VaultError: it was sealed with a key that is not among ours.
        """
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise VaultError(_ANOTHER_KEY) from error
