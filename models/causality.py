"""The Naranjo scale: ten answers give a score, and the score a category of causality.

Source: Naranjo et al., A method for estimating the probability of adverse drug reactions, Clin Pharmacol Ther
1981;30:239-245. Definite and doubtful are stored under the WHO-UMC codes certain and unlikely, which mean the same.
"""

from collections.abc import Sequence

from models import codelist

WHO_UMC, NARANJO = CAUSALITY_METHODS = ("who_umc", "naranjo")
YES, NO, UNKNOWN = NARANJO_ANSWERS = ("yes", "no", "unknown")
LOWEST_SCORES = {"certain": 9, "probable": 5, "possible": 1}  # below: unlikely


def naranjo_score(answers: Sequence[str]) -> int:
    """The score, -4 to 13, of the answers ("yes", "no" or "unknown") in the order of the questions.

    Raises ValueError unless every question has one of these answers.
    """
    questions = codelist.naranjo_questions().values()
    if len(answers) != len(questions) or not set(answers) <= set(NARANJO_ANSWERS):
        raise ValueError(f"{len(questions)} answers expected, each one of {', '.join(NARANJO_ANSWERS)}")
    return sum(getattr(question, answer) for question, answer in zip(questions, answers, strict=True))


def naranjo_category(score: int) -> str:
    """The code of the causality (models/codelists/causalities.csv) that a score stands for."""
    return next((code for code, lowest in LOWEST_SCORES.items() if score >= lowest), "unlikely")
