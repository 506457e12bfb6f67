"""Rows of the survey: invitations and answers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from demo.columns import SECONDS_A_DAY, ids, instants, texts, within, words
from demo.identities import PRIMARY, Identities
from demo.signatures import signed
from demo.surveys import QUESTIONS, SURVEY_ID, Survey


def invitation_rows(
    identities: Identities, survey: Survey, first_day: int, last_day: int
) -> pa.Table:
    """One row an invitation of those days."""
    rows = within(survey.invited // SECONDS_A_DAY, first_day, last_day)
    requester_id, member_id = _people(identities, survey, rows)
    return pa.table(
        {
            "invitation_id": ids("I", rows + 1, 7),
            "survey_id": pa.repeat(SURVEY_ID, len(rows)),
            "wave": words(survey.wave_names, survey.wave[rows]),
            "invited_at": instants(survey.invited[rows]),
            "requester_id": requester_id,
            "member_id": member_id,
        }
    )


def response_rows(
    identities: Identities, survey: Survey, first_day: int, last_day: int
) -> pa.Table:
    """One row an answer to a question, given in those days; the comment stands on the first."""
    answered = within(survey.answered // SECONDS_A_DAY, first_day, last_day)
    answered = answered[survey.answered[answered] >= 0]
    rows = np.repeat(answered, len(QUESTIONS))
    question = np.tile(np.arange(len(QUESTIONS)), len(answered))
    scores = np.stack([survey.recommend, survey.staff], axis=1)
    score = scores[rows, question]
    given = score >= 0
    rows, question, score = rows[given], question[given], score[given]
    requester_id, member_id = _people(identities, survey, rows)
    nameless = survey.names_nobody[rows]
    address = identities.email(survey.person[rows], np.full(len(rows), PRIMARY))
    has_address = nameless | survey.gives_address[rows]
    comment = texts(np.where(question == 0, survey.comment[rows], ""))
    return pa.table(
        {
            "response_id": ids("W", rows * len(QUESTIONS) + question + 1, 7),
            "survey_id": pa.repeat(SURVEY_ID, len(rows)),
            "wave": words(survey.wave_names, survey.wave[rows]),
            "question_code": words(QUESTIONS, question),
            "score": pa.array(score.astype(np.int64)),
            "responded_at": instants(survey.answered[rows]),
            "requester_id": requester_id,
            "member_id": pc.if_else(nameless, None, member_id),
            "email": texts(np.where(has_address, address, "")),
            "comment": signed(
                identities, "survey", rows, survey.person[rows], comment, np.full(len(rows), True)
            ),
        }
    )


def _people(
    identities: Identities, survey: Survey, rows: NDArray[np.int64]
) -> tuple[pa.Array, pa.Array]:
    """Ids of the requester and of the member, one of them NULL."""
    population = identities.population
    requester, member = survey.requester[rows], survey.member[rows]
    return (
        texts(np.where(requester < 0, "", population.requesters.source_id[requester])),
        texts(np.where(member < 0, "", population.members.source_id[member])),
    )
