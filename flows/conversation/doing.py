"""Doing a command. Rule: every name of the table but `antwoord` has a function here; a near miss is answered with the
command that was meant.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from flows.conversation import (
    acting,
    asking,
    commands,
    erasing,
    exporting,
    forgetting,
    going,
    language,
    mine,
    newcomers,
    privacy,
    prompts,
    recheck,
    roles,
    session,
    spaced,
    telling,
)
from flows.conversation.draft import Draft
from flows.conversation.events import Own
from flows.conversation.marks import AGREE
from flows.conversation.source import Source
from flows.conversation.text import cut, fold, quote

Handler = Callable[[Draft, str, Source], None]


def run(d: Draft, text: str, source: Source, own: Own | None) -> None:
    """Do a command."""
    said = commands.split(text)
    found = commands.read(text)
    if found is None or found[0] not in ("verder", "overslaan", "vraag"):
        prompts.give_way(d)
    if found is None:
        _unknown_command(d, said[0] if said else text, said[1] if said else "", source, own)
        return
    # A reply to a question that was left is about that question.
    if found[0] in ("uitleg", "voorbeeld") and not found[1] and own is not None and own.step in d.book.steps:
        found = (found[0], str(own.step))
    if not roles.may(d, found[0], found[1], source):
        roles.refuse(d, found[0], source)
        return
    if own is not None and spaced.done_at(d, found[0], own, source):
        return
    _handlers()[found[0]](d, found[1], source)


def _unknown_command(d: Draft, name: str, rest: str, source: Source, own: Own | None = None) -> None:
    near = commands.near(name)
    if near is not None and commands.find(near) == commands.find("antwoord"):
        _meant_answer(d, rest, source, own)
        return
    if fold(name) in d.texts.words("words.standing"):
        near, rest = newcomers.command(d).lstrip("!"), ""
    if near is None:
        d.say("help", d.texts("near.none", said=quote(cut(name, 30))), reply_to=source.event)
        return
    meant = f"!{commands.shown(near, d.texts)} {rest}".strip()
    number = d.next_number()
    d.open_prompt("command", None, number, text=meant, said=quote(cut(name, 30)))
    agree = asking.ways(d, "yes", n=number)
    text = d.texts("near.text", said=quote(cut(name, 30)), meant=quote(cut(meant, 60)), agree=agree)
    d.say("help", text, signs=(AGREE,), reply_to=source.event, asks=True)


def _meant_answer(d: Draft, text: str, source: Source, own: Own | None) -> None:
    """`!antwoort` and a text: whether that is the answer is asked, for it stays that of who wrote it, and their
    message's. Without a text, or a question: how to answer."""
    prompt = prompts.latest(d) if own is None else prompts.by_message(d, own.number)
    focus = d.view.focus()
    asked = focus.id if own is None and focus is not None else own.step if own is not None else None
    step = asked if prompt is None else prompt.step
    if text and step in d.book.steps:
        prompts.ask_if_answer(d, str(step), text, source, prompt)
    else:
        d.say("help", d.texts("help.antwoord"), reply_to=source.event)


def help_(d: Draft, rest: str, source: Source) -> None:
    """The commands, or one of them."""
    if rest:
        name = rest.strip().lstrip("!").split(" ")[0]
        command = commands.find(name)
        if command is None:
            _unknown_command(d, name, "", source)
            return
        d.say("help", d.texts(f"help.{command.name}"), reply_to=source.event)
        return
    lines = [d.texts("help.head")]
    lines += [d.texts(f"help.{command.name}") for command in commands.TABLE if command.first]
    others = (commands.shown(command.name, d.texts) for command in commands.TABLE if not command.first)
    rest_names = " ".join(f"`!{name}`" for name in others)
    lines.append(d.texts("help.more", names=rest_names))
    ways = d.setting.capabilities.ways
    lines.append(d.texts("help.listens", listens=d.texts(f"ways.{ways}.{d.who}.listens")))
    lines.append(d.texts("help.source", source=d.book.head.source))
    d.say("help", "\n".join(lines), reply_to=source.event)


@lru_cache
def _handlers() -> dict[str, Handler]:
    """What each command does; `antwoord` is taken where the message is read."""
    return {
        "start": going.start,
        "verder": going.go_on,
        "vorige": going.back,
        "overslaan": going.skip,
        "weetniet": going.unknown,
        "ga": going.goto,
        "wijzig": going.change,
        "pauze": going.pause,
        "vraag": going.question,
        "uitleg": telling.explain,
        "voorbeeld": telling.example,
        "tempo": going.pace,
        "overzicht": exporting.show_overview,
        "export": exporting.export,
        "acties": telling.actions,
        "actie": acting.action,
        "gedaan": acting.done,
        "uitstel": acting.postpone,
        "vervalt": acting.drop,
        "overdragen": acting.hand_over,
        "afwezig": acting.away,
        "hercheck": recheck.by_hand,
        "ritme": going.rhythm,
        "sessie": session.session,
        "wijze": spaced.mode,
        "taal": language.language,
        "instellingen": telling.show_settings,
        "privacy": privacy.privacy,
        "mijngegevens": mine.my_data,
        "vergeetmij": forgetting.forget_me,
        "wis": erasing.erase,
        "hulp": help_,
    }
