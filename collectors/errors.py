"""What can go wrong below the pipeline.

* CollectError
  - Unreachable, Refused, TimedOut      the network
  - AuthFailed, AuthTimedOut            the login; AuthFailed is never tried again, it may lock the account
  - HostKey, CryptoMismatch             SSH trust and algorithms
  - Malformed, Unidentified             an answer that is no answer, or one that no platform fits
  - ConfigError                         our own data files or the user's overlay: names the file and the cure

Third-party exceptions are turned into these in the transport that meets them.
"""

from __future__ import annotations

from collectors.model import Outcome


class CollectError(Exception):
    """A device could not be read; its text is the reason in skipped.csv."""

    outcome: Outcome = Outcome.MALFORMED


class Unreachable(CollectError):
    """No route, no such name, or the host does not answer."""

    outcome = Outcome.UNREACHABLE


class Refused(CollectError):
    """The host answers, the port is closed or all lines are busy."""

    outcome = Outcome.REFUSED


class TimedOut(CollectError):
    """It answered once and then not in time."""

    outcome = Outcome.TIMEOUT


class AuthFailed(CollectError):
    """The device refused the credential."""

    outcome = Outcome.AUTH_FAILED


class AuthTimedOut(CollectError):
    """The login was never answered: not a wrong password."""

    outcome = Outcome.AUTH_TIMEOUT


class HungUp(AuthTimedOut):
    """The device closed the connection in place of an answer to the login, as some do to a wrong password."""


class HostKey(CollectError):
    """The SSH host key is unknown or has changed; no password was sent."""

    outcome = Outcome.HOST_KEY


class CryptoMismatch(CollectError):
    """No SSH algorithm in common; the text names what the device offers."""

    outcome = Outcome.CRYPTO_MISMATCH


class Malformed(CollectError):
    """The device's answer cannot be read as the protocol it claims to be."""

    outcome = Outcome.MALFORMED


class Unidentified(CollectError):
    """The device answers, but what it is cannot be told."""

    outcome = Outcome.UNIDENTIFIED


class ConfigError(Exception):
    """A platform, template or target list is wrong; the text names file, place and cure."""
