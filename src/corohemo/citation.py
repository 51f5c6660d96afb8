"""References and methods text for what a result actually used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corohemo.case import CaseResult

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Reference:
    """A publication and how far its use here was checked.

    Attributes:
        key: BibTeX key.
        text: As it is printed.
        used_for: What it stands for in the methods.
        evidence: What was read of it.
    """

    key: str
    text: str
    used_for: str
    evidence: str


MEMORY = "cited from memory, not checked against the paper"
TAYLOR = Reference(
    "taylor2013",
    "Taylor CA, Fonte TA, Min JK. J Am Coll Cardiol 2013;61:2233-41.",
    "principles of FFR from CT",
    "principles read in later work that restates them",
)
WILSON = Reference(
    "wilson1990",
    "Wilson RF et al. Circulation 1990;82:1595-1606.",
    "hyperemic over resting resistance",
    "the paper's existence and scope were checked, the number 0.24 is from memory",
)
CHOY = Reference(
    "choy2008",
    "Choy JS, Kassab GS. J Appl Physiol 2008.",
    "flow-mass exponent 3/4",
    MEMORY,
)
ZHOU = Reference(
    "zhou1999",
    "Zhou Y, Kassab GS, Molloi S. Phys Med Biol 1999.",
    "diameter exponent of the flow split",
    "the value 2.6 was read in public SimVascular documentation, not in the paper",
)
CHOI = Reference(
    "choi2015",
    "Choi G, Lee JM, Kim HJ et al. JACC Cardiovasc Imaging 2015;8:1156-66.",
    "axial plaque stress",
    "abstract read",
)
NORGAARD = Reference(
    "norgaard2019",
    "Norgaard BL et al. Radiol Cardiothorac Imaging 2019;1:e190050.",
    "where FFR is read and its bands",
    "named in secondary notes",
)
DE_BRUYNE = Reference(
    "debruyne2021",
    "De Bruyne B et al. J Am Coll Cardiol 2021.",
    "microvascular resistance reserve",
    "structure of the definition read; the equation was derived here",
)
FEARON = Reference(
    "fearon2003",
    "Fearon WF et al. Circulation 2003.",
    "index of microcirculatory resistance",
    "definition read in later work",
)
SALTELLI = Reference(
    "saltelli2010",
    "Saltelli A et al. Comput Phys Commun 2010;181:259-70.",
    "Sobol indices, computed by SALib",
    MEMORY,
)
SIMAAN = Reference(
    "simaan2009",
    "Simaan MA, Ferreira A, Chen S, Antaki JF, Galati DG. IEEE Trans Control Syst Technol "
    "2009;17:15-28.",
    "left heart and systemic circulation in a closed loop",
    "values read in public codes that reproduce it, not in the paper",
)
BRUNATOVA = Reference(
    "brunatova2025",
    "Brunatova J, Dokken JS, Valen-Sendstad K, Hron J. arXiv:2501.02987.",
    "wall shear stress from finite elements",
    "abstract read",
)
PEIFFER = Reference(
    "peiffer2013",
    "Peiffer V, Sherwin SJ, Weinberg PD. J Biomech 2013;46:2651-8.",
    "transverse wall shear stress",
    "definition read in later work",
)
MOHAMIED = Reference(
    "mohamied2017",
    "Mohamied Y, Sherwin SJ, Weinberg PD. J Biomech 2017;50:102-9.",
    "cross-flow index",
    "abstract read; the definition in later work",
)
MAZZI = Reference(
    "mazzi2020",
    "Mazzi V et al. Biomech Model Mechanobiol 2020;19:1403-23.",
    "topological shear variation index",
    "definition read in the authors' public repository",
)


def cite(result: CaseResult | Document | str | Path) -> str:
    """Methods paragraph and BibTeX entries of what a result used.

    Args:
        result: A case's result, its document, or its folder.
    """
    document = _document(result)
    return f"{methods_text(document)}\n\n{bibtex(document)}"


def references_of(document: Document) -> list[Reference]:
    """The publications behind the numbers that the result holds."""
    states = document["states"]
    allometric = any(state["flow_source"] == "allometric" for state in states.values())
    wanted = {
        TAYLOR: "hyperemic" in states,
        WILSON: allometric and "hyperemic" in states,
        CHOY: allometric,
        ZHOU: allometric,
        NORGAARD: _has(document, "lesions", "ffr_ct"),
        CHOI: _has(document, "lesions", "aps_net_pa"),
        BRUNATOVA: _has(document, "lesions", "wss_mean_pa"),
        FEARON: _has(document, "vessels", "imr_ct_u"),
        DE_BRUYNE: _has(document, "vessels", "mrr"),
        PEIFFER: _has_region(states, "trans_wss_pa"),
        MOHAMIED: _has_region(states, "cfi"),
        MAZZI: _has_region(states, "tsvi_1_m"),
        SIMAAN: any(_heart(state) for state in states.values()),
        SALTELLI: bool(document["uncertainty"].get("sobol")),
    }
    return [reference for reference, used in wanted.items() if used]


def methods_text(document: Document) -> str:
    """One paragraph of methods, with the numbers of this case."""
    version = document["provenance"].get("corohemo") or "(version unknown)"
    if not document["states"]:
        return f"corohemo {version} was used; the case was not solved: {document['message']}"
    name, main = next(iter(document["states"].items()))
    sentences = [
        f"Coronary hemodynamics were computed with corohemo {version}.",
        _model_sentence(document["mesh"], main),
        f"The {name} state had a mean inlet pressure of {main['inlet']['pressure_mmhg']:.1f} mmHg.",
        _flow_sentence(main["flow_source"]),
    ]
    if _has(document, "lesions", "ffr_ct"):
        sentences.append(
            "FFR is the section's mean static pressure over the mean pressure at the inlet; the "
            "lesion-specific value is read 10-20 mm behind the lesion's end [norgaard2019]."
        )
    if _has(document, "lesions", "aps_net_pa"):
        sentences.append(
            "Axial plaque stress is the axial component of the fluid's traction on the lesion's "
            f"wall, averaged over its area [choi2015]. {document['notes'].get('aps', '')}"
        )
    if _heart(main):
        sentences.append(
            "The aortic and the intramyocardial pressure came from a left heart in a closed loop "
            "with the coronary beds [simaan2009]."
        )
    if document.get("numerical_error"):
        sentences.append(_error_sentence(document))
    if document["uncertainty"]:
        sentences.append(_uncertainty_sentence(document["uncertainty"]))
    return " ".join(sentence.strip() for sentence in sentences)


def methods_markdown(document: Document) -> str:
    """The methods paragraph with its references as Markdown."""
    items = [f"- [{ref.key}] {ref.text} ({ref.evidence})" for ref in references_of(document)]
    closing = "Research use only - not for clinical use."
    head = ["# Methods", "", methods_text(document), "", "## References", ""]
    return "\n".join([*head, *items, "", closing, ""])


def bibtex(document: Document) -> str:
    """BibTeX entries of a result's references; each note says what of the paper was read."""
    return bibtex_of(references_of(document))


def bibtex_of(references: Iterable[Reference]) -> str:
    """BibTeX entries of references."""
    entries = [
        f"@misc{{{ref.key},\n  howpublished = {{{ref.text}}},\n  note = {{{ref.used_for}; "
        f"{ref.evidence}}}\n}}\n"
        for ref in references
    ]
    return "\n".join(entries)


def _error_sentence(document: Document) -> str:
    largest = max(vessel["ffr_ct_numerical_error"] for vessel in document["vessels"])
    return (
        "The numerical error of each FFR was estimated by its change under cubic elements on the "
        f"same cells ({document['numerical_error']['unknowns']} unknowns); the largest of a vessel "
        f"was {largest:.1g}."
    )


def _uncertainty_sentence(uncertainty: Document) -> str:
    shares = " with Sobol indices [saltelli2010]" if uncertainty["sobol"] else ""
    return (
        f"The uncertainty of lumen, flow, hyperemic response, split, pressures and viscosity was "
        f"propagated by {uncertainty['samples']} samples through the reduced model, calibrated on "
        f"this case's run{shares}; intervals hold {100 * uncertainty['level']:g} % of the samples."
    )


def _model_sentence(mesh: Document, main: Document) -> str:
    fluid = f"{_fluid(main['blood'], is_meshed=mesh['cells'] is not None)} and rigid walls"
    course = "pulsatile" if main.get("pulse") else "steady"
    if mesh["cells"] is None:
        inertia = ", inertia" if main.get("pulse") else ""
        return (
            f"{course.capitalize()} flow was computed with a reduced model of the vessel tree, a "
            f"network of viscous friction{inertia}, jets that mix behind narrowings and momentum "
            f"exchange at bifurcations, for {fluid}."
        )
    return (
        f"The lumen was meshed with {mesh['cells']} curved second-order tetrahedra "
        f"({mesh['nodes']} nodes) and the {course} incompressible Navier-Stokes equations were "
        f"solved with stabilised second-order finite elements (DOLFINx, PETSc) for {fluid}; flow "
        f"was balanced to {main['mass_balance_relative']:.0e}."
    )


def _fluid(blood: Document, *, is_meshed: bool) -> str:
    """Blood as it was solved for; the reduced model takes the Newtonian viscosity."""
    law, density = blood.get("rheology"), f"density {blood['density_kg_m3']:g} kg/m3"
    if law and is_meshed:
        high, low = (1e3 * law[f"{end}_shear_viscosity_pa_s"] for end in ("zero", "infinite"))
        return (
            f"shear-thinning blood after Carreau and Yasuda ({density}, viscosity {high:g} mPa s "
            f"at rest to {low:g} mPa s, relaxation time {law['relaxation_time_s']:g} s, index "
            f"{law['index']:g}, transition {law['transition']:g})"
        )
    cells = blood.get("hematocrit")
    source = "" if cells is None else f" from a hematocrit of {cells:g}"
    viscosity = 1e3 * blood["dynamic_viscosity_pa_s"]
    return f"a Newtonian fluid ({density}, viscosity {viscosity:g} mPa s{source})"


def _flow_sentence(source: str) -> str:
    return {
        "allometric": "Resting flow followed an allometric law of the myocardial mass "
        "[taylor2013, choy2008], was split over the outlets by their healthy diameters [zhou1999] "
        "and raised to hyperemia by a population constant [wilson1990]; microvascular resistance "
        "is therefore an assumption of this computation and not its result.",
        "prescribed": "Flow or resistance at the boundaries was prescribed by the user.",
        "perfusion": "Flow at the outlets was taken from CT perfusion.",
        "deformation": "Flow was estimated from the deformation of the vessels (experimental).",
    }[source]


def _heart(state: Document) -> bool:
    """Whether a heart beat at the inlet of a state."""
    return bool((state.get("pulse") or {}).get("heart"))


def _has(document: Document, group: str, key: str) -> bool:
    return any(entry[key] is not None for entry in document[group])


def _has_region(states: Mapping[str, Document], key: str) -> bool:
    """Whether a number of the wall over the cycle was computed in any state."""
    regions = [
        region for state in states.values() for region in (state.get("pulse") or {}).get("wall", [])
    ]
    return any(region.get(key) is not None for region in regions)


def _document(result: CaseResult | Document | str | Path) -> Document:
    if isinstance(result, Mapping):
        return result
    if isinstance(result, str | Path):
        from corohemo.report.page import read_result

        return read_result(Path(result))
    return result.document
