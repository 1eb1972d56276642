"""Words by class: «авари*» (begins so), «пожар~» (with a case ending), «дтп» (just so)."""

from __future__ import annotations

from collections.abc import Mapping

_HEAD = 3
"""Letters by which the beginnings are kept: a new word has a handful of them to be compared with, or none."""


class Lexicon:
    """Word -> classes."""

    def __init__(self, concepts: Mapping[str, str], endings: str) -> None:
        self._exact: dict[str, frozenset[str]] = {}
        self._begun: dict[str, list[tuple[str, str, bool]]] = {}
        self._endings = frozenset(endings.split()) | {""}
        for concept, atoms in concepts.items():
            for atom in atoms.split():
                self._add(atom, concept)

    def _add(self, atom: str, concept: str) -> None:
        head = atom.rstrip("*~")
        if head == atom:
            self._exact[atom] = self._exact.get(atom, frozenset()) | {concept}
        else:
            self._begun.setdefault(head[:_HEAD], []).append((head, concept, atom.endswith("~")))

    def concepts(self, word: str) -> frozenset[str]:
        """The classes of a folded word."""
        exact = self._exact.get(word, frozenset())
        begun = [each for size in range(1, _HEAD + 1) for each in self._begun.get(word[:size], ())]
        return exact.union(
            concept
            for head, concept, inflected in begun
            if word.startswith(head) and (not inflected or word[len(head) :] in self._endings)
        )
