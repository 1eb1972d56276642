"""Desk: everything that editors do. Every method takes who does it first, and asks whether they may.

Reading a page of teasers happens outside of transactions; every change is one transaction with its history.
"""

from __future__ import annotations

from kubmap.desk.keeping import Keeping
from kubmap.desk.listing import Listing
from kubmap.desk.locating import Locating
from kubmap.desk.pairing import Pairing
from kubmap.desk.pasting import Pasting
from kubmap.desk.recording import Recording
from kubmap.desk.removing import Removing


class Desk(Pasting, Listing, Recording, Pairing, Locating, Keeping, Removing):
    """Safe to share between threads; every process has its own over the same store."""
