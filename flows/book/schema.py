"""The form of a book's files, checked by pydantic. Rule: form only; what must fit between files is checked in `load`.

A book is a folder: `book.toml` (identity, order of the parts, nudges) and one file a part. Every text is Markdown in
the book's
own language; the words of choices and conditions are the contract's and never translated. `coherence.toml`, where there
is one, says when the coach asks further.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
StepId = Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z]+)+$")]
PartId = Annotated[str, StringConstraints(pattern=r"^[a-z]+$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z]+$")]
ListWord = Annotated[str, StringConstraints(pattern=r"^\*?[a-z0-9%€]([a-z0-9%€ '-]*[a-z0-9%€])?\*?$")]

Kind = Literal["text", "actions", "multi", "status", "applies", "grid", "statement", "period", "rhythm"]
Depth = Literal["kern", "verdieping"]

# In minutes: no question may take longer, or it would fit in no meeting.
SHORTEST_MEETING = 10


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChoiceForm(_Strict):
    """One word that a `multi` step offers. `label` follows the bold name in the list; `aliases` are other words
    people type.
    """

    word: Word
    label: Text
    name: Text
    aliases: tuple[Text, ...] = ()


class ProposalForm(_Strict):
    """What the coach proposes for a status: `lowest` of a grid's rows (those in `among`), or by pitfalls that
    apply (`applies`).
    """

    rule: Literal["lowest", "applies"]
    among: StepId | None = None
    grid: StepId | None = None
    steps: tuple[StepId, ...] = ()


class StepForm(_Strict):
    """One thing the coach asks. `when` is one of the named conditions of `guards`; `after` places the step, and those
    behind it in its file, after a step of another part. `called` is how people name it where they don't read the
    language of its id: of the same form, as `impact.issue`.
    """

    id: StepId
    kind: Kind
    depth: Depth
    when: Text
    title: Text
    question: Text
    why: Text
    example: Text
    help: Text
    guide: Text
    called: StepId | None = None
    after: StepId | None = None
    right: StepId | None = None
    recalled: Text | None = None
    choices: tuple[ChoiceForm, ...] = ()
    none: Word | None = None
    other: Word | None = None
    exclusive: tuple[Word, ...] = ()
    frame: Text | None = None
    rows: tuple[StepId, ...] = ()
    row: Text | None = None
    aliases: tuple[Text, ...] = ()
    proposal: ProposalForm | Text | None = None


class PartHead(_Strict):
    """What a part file says of the part itself."""

    id: PartId
    title: Text
    intro: Text
    aliases: tuple[Text, ...] = ()


class PartForm(_Strict):
    """A part file."""

    part: PartHead
    step: tuple[StepForm, ...] = ()


class NudgeForm(_Strict):
    """A question of the coach's own, asked once when the step `after` is left. A reply to it is kept at `keeps`.

    `chain` lists steps whose answers are shown above the text, in this order.
    """

    id: Word
    text: Text
    after: StepId
    keeps: StepId
    chain: tuple[StepId, ...] = ()


class RecogniseForm(_Strict):
    """What is asked once at the end of each of `parts`, in a group (`text`) and of one person (`text_one`)."""

    parts: tuple[PartId, ...]
    text: Text
    text_one: Text


class RecheckForm(_Strict):
    """What a re-check asks whatever was named (`first`), and what the closing round at the end of the pilot asks
    besides (`closing`).
    """

    first: tuple[StepId, ...]
    closing: tuple[StepId, ...] = ()


Minutes = Annotated[int, Field(ge=1, le=SHORTEST_MEETING)]


class MinutesForm(_Strict):
    """How many minutes a team together needs for a question, by the kind of step: what a meeting is planned by."""

    text: Minutes = 3
    actions: Minutes = 3
    multi: Minutes = 2
    status: Minutes = 2
    applies: Minutes = 2
    grid: Minutes = 8
    statement: Minutes = 4
    period: Minutes = 1
    rhythm: Minutes = 1


class AlarmForm(_Strict):
    """A question of the coach's own about what a team answered: a nudge, or where `alarm` is true an alarm, which is
    shown for as long as it holds.

    `when`: clauses that must all hold, as in `coherence`. `on` is when it is looked at: `leave`, when a step is left;
    `change`, when what was said at one of the steps `watched` changes after `settled` was answered; `action`, for
    every action of which it is not known who does it and when; `part`, when a part ends with unknowns. A reply is kept
    at `keeps`: an action where that is a step for actions. `guide` is where the guide says it.
    """

    number: Annotated[int, Field(ge=1)]
    id: Word
    guide: Text
    alarm: bool = False
    on: Literal["leave", "change", "action", "part"] = "leave"
    pace: Literal["kort", "volledig"] | None = None
    when: tuple[Text, ...] = ()
    watched: tuple[StepId, ...] = ()
    settled: StepId | None = None
    keeps: StepId | None = None
    text: Text | None = None


class ReasonForm(_Strict):
    """Something that speaks for a choice (`side` for), or against it, while all clauses of `when` hold."""

    choice: Word
    side: Literal["for", "against"]
    when: tuple[Text, ...]
    text: Text


class WeighingForm(_Strict):
    """What speaks for and against each choice of the step `at`, by what the team answered elsewhere."""

    at: StepId
    text: Text
    reason: tuple[ReasonForm, ...]


class ReadinessForm(_Strict):
    """What of a grid is enough and what is not, of the rows that the team said it needs (`among`), told where `part`
    ends and at every re-check; the risks that the team takes stand at the steps `risks` and in what it said about the
    alarms `alarms`.
    """

    part: PartId
    grid: StepId
    among: StepId
    risks: tuple[StepId, ...] = ()
    alarms: tuple[Word, ...] = ()


class CoherenceForm(_Strict):
    """`coherence.toml`: what the coach asks further, what it shows at the steps `shown`, and the word lists that the
    conditions go by: lower case, without accents; `*` at an end stands for any letters.
    """

    shown: tuple[StepId, ...] = ()
    words: dict[Word, tuple[ListWord, ...]] = {}
    alarm: tuple[AlarmForm, ...] = ()
    weighing: WeighingForm | None = None
    readiness: ReadinessForm | None = None


class BookHead(_Strict):
    """What `book.toml` says: who the book is, in which order its parts are read, what was renamed since earlier
    versions, how long its questions take; `about` are the steps that tell somebody who comes later what the pilot is.
    """

    id: PartId
    version: Text
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    title: Text
    source: Text
    parts: tuple[PartId, ...]
    renamed: dict[StepId, StepId] = {}
    about: tuple[StepId, ...] = ()
    recognise: RecogniseForm | None = None
    nudge: tuple[NudgeForm, ...] = ()
    recheck: RecheckForm | None = None
    minutes: MinutesForm = MinutesForm()
