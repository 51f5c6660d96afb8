"""Mesh and steady flow of a case, kept so that a changed report or index does not solve again.

Each step is a file of plain arrays beside the results, with the key of what it depends on. A step
is taken from its file only if every part of that key is the same today; the log says why not.
"""

from __future__ import annotations

import json
import logging
import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corohemo.case_key import Key, case_key, differences
from corohemo.errors import InputError
from corohemo.io.replacing import replacing
from corohemo.meshing.mesh import LumenMesh
from corohemo.solvers.solution import FlowSolution, SolveStats, SolveStatus, TimeAverage
from corohemo.solvers.transient_solution import TransientSolution

if TYPE_CHECKING:
    from corohemo.boundary import Boundaries
    from corohemo.config import CaseConfig

logger = logging.getLogger(__name__)

FOLDER = ".steps"
MESH_SECTIONS = ("case", "lumen", "edit", "mesh")
AFTER_FLOW = ("indices", "uncertainty", "report")
NOT_IN_MESH = ("case.id", "case.resting_state")
NOT_IN_FLOW = ("case.id", "solver.numerical_error")
MESH_ARRAYS = (
    "points",
    "cells",
    "facets",
    "facet_face",
    "node_branch",
    "node_abscissa",
    "facet_cell",
)
Arrays = Mapping[str, Any]


@dataclass(frozen=True)
class Steps:
    """The kept steps of one case.

    Attributes:
        directory: The case folder; None keeps nothing.
        key: Key of the whole case.
        reuse: Whether kept steps may be taken.
    """

    directory: Path | None = None
    key: Key | None = None
    reuse: bool = True

    @classmethod
    def of(cls, config: CaseConfig, directory: Path, *, reuse: bool) -> Steps:
        """Steps in the folder of a case."""
        return cls(directory, case_key(config), reuse)

    def mesh(self, compute: Callable[[], LumenMesh]) -> LumenMesh:
        """The mesh, from its file or computed and kept."""
        key = self._part(lambda section: section in MESH_SECTIONS, NOT_IN_MESH)
        kept = self._load("mesh", key)
        if kept is not None:
            head = json.loads(str(kept["head"]))
            arrays: dict[str, Any] = {name: kept[name] for name in MESH_ARRAYS}
            return LumenMesh(**arrays, faces=tuple(head["faces"]), notes=tuple(head["notes"]))
        mesh = compute()
        arrays = {name: getattr(mesh, name) for name in MESH_ARRAYS}
        self._save("mesh", key, arrays, {"faces": mesh.faces, "notes": mesh.notes})
        return mesh

    def flow(
        self,
        mesh: LumenMesh,
        boundaries: Mapping[str, Boundaries],
        compute: Callable[[], dict[str, FlowSolution]],
    ) -> dict[str, FlowSolution]:
        """The steady flow of every state, from its file or computed and kept.

        Pulsatile flow has checkpoints of its own and is not kept here.
        """
        key = self._part(lambda section: section not in AFTER_FLOW, NOT_IN_FLOW)
        kept = self._load("flow", key)
        if kept is not None:
            head = json.loads(str(kept["head"]))
            return {name: _restored(name, head[name], kept, mesh, boundaries) for name in head}
        solutions = compute()
        if any(isinstance(one, TransientSolution) for one in solutions.values()):
            return solutions
        arrays = {f"{name}.velocity": one.velocity for name, one in solutions.items()}
        arrays |= {f"{name}.pressure": one.pressure for name, one in solutions.items()}
        heads = {
            name: {
                "status": one.status.value,
                "message": one.message,
                "stats": asdict(one.stats),
                "average": None if one.average is None else asdict(one.average),
            }
            for name, one in solutions.items()
        }
        self._save("flow", key, arrays, heads)
        return solutions

    def _part(self, belongs: Callable[[str], bool], without: tuple[str, ...]) -> Key | None:
        """The part of the case's key that a step depends on."""
        if self.key is None:
            return None
        settings = {
            name: value
            for name, value in self.key["settings"].items()
            if belongs(name.partition(".")[0]) and name not in without
        }
        return self.key | {"settings": settings}

    def _load(self, step: str, key: Key | None) -> Arrays | None:
        if self.directory is None or key is None or not self.reuse:
            return None
        path = self.directory / FOLDER / f"{step}.npz"
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
                reasons = list(differences(json.loads(str(file["key"])), key))
                if not reasons:
                    logger.info("%s: kept, nothing that it depends on changed", step)
                    return {name: file[name] for name in file.files}
                logger.info("%s: again, %s", step, "; ".join(reasons))
        except FileNotFoundError:
            logger.info("%s: none was kept", step)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            logger.info("%s: again, the kept one cannot be read (%s)", step, error)
        return None

    def _save(self, step: str, key: Key | None, arrays: Arrays, head: Any) -> None:
        if self.directory is None or key is None:
            return
        folder = self.directory / FOLDER
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise InputError(
                f"The folder cannot be made: {error.strerror}.", file=folder
            ) from error
        content: dict[str, Any] = {"key": json.dumps(key), "head": json.dumps(head), **arrays}
        with replacing(folder / f"{step}.npz") as path, path.open("wb") as stream:
            np.savez(stream, **content)
            stream.flush()
            os.fsync(stream.fileno())


def _restored(
    name: str,
    head: Mapping[str, Any],
    kept: Arrays,
    mesh: LumenMesh,
    boundaries: Mapping[str, Boundaries],
) -> FlowSolution:
    stats = {field.name: head["stats"][field.name] for field in fields(SolveStats)}
    stats["residual_history"] = tuple(stats["residual_history"])
    return FlowSolution(
        mesh=mesh,
        boundaries=boundaries[name],
        velocity=kept[f"{name}.velocity"],
        pressure=kept[f"{name}.pressure"],
        status=SolveStatus(head["status"]),
        message=head["message"],
        stats=SolveStats(**stats),
        average=None if head["average"] is None else TimeAverage(**head["average"]),
    )
