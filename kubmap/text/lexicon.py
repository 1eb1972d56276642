"""Words by class: «авари*» (begins so), «пожар~» (with a case ending), «дтп» (just so)."""

from __future__ import annotations

from collections.abc import Mapping


class Lexicon:
    """Word -> classes."""

    def __init__(self, concepts: Mapping[str, str], endings: str) -> None:
        self._exact: dict[str, set[str]] = {}
        self._prefix: dict[str, set[str]] = {}
        self._stem: dict[str, set[str]] = {}
        self._endings = frozenset(endings.split()) | {""}
        for concept, atoms in concepts.items():
            for atom in atoms.split():
                self._add(atom, concept)
        self._longest = max(map(len, [*self._prefix, *self._stem]), default=0)

    def _add(self, atom: str, concept: str) -> None:
        table = {"*": self._prefix, "~": self._stem}.get(atom[-1], self._exact)
        table.setdefault(atom.rstrip("*~"), set()).add(concept)

    def concepts(self, word: str) -> frozenset[str]:
        """The classes of a folded word."""
        found = set(self._exact.get(word, ()))
        for size in range(1, min(len(word), self._longest) + 1):
            head = word[:size]
            found.update(self._prefix.get(head, ()))
            if head in self._stem and word[size:] in self._endings:
                found.update(self._stem[head])
        return frozenset(found)
