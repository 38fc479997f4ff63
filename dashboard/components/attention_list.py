"""The list "Needs your attention": a verdict, its numbers and a link for each item, then the quiet topics."""

from typing import Any

import streamlit as st

from dashboard.shell import navigation, prose, query_cache
from dashboard.shell.filters import PageView
from dashboard.text import attention_sentences, call_sentences, formatting, trend_sentences
from dashboard.text.labels import UNIT_NOUNS, label, unit_label
from data.analysis import baselines
from data.summaries import attention
from data.summaries.attention import AttentionItem
from data.summaries.data_quality import MIN_FOLLOW_UP_SHARE
from models.measure import measures

LINKS = {  # of each topic: the page and what its link is called
    "red_flags": ("cases", "Review"),
    "lots": ("products", "Lots"),
    "trends": ("trends", "Trend"),
    "practitioners": ("people", "Compare"),
    "dose": ("dose", "Dose"),
    "durations": ("call_list", "Open cases"),  # which has those of all dates
    "follow_up": ("call_list", "Call list"),
    "data_quality": ("data_quality", "Check"),
}


def draw_attention_list(view: PageView) -> None:
    """Items of the shown period, whatever the other filters."""
    questions = attention.topic_questions(view.selection, query_cache.cached_lookup(baselines.baselines))
    found = attention.list_items(
        {topic: query_cache.cached_query(judge, view.scope, *asked) for topic, (judge, *asked) in questions.items()}
    )
    by_chance = attention_sentences.describe_false_items(found.false_items, found.false_signals)
    st.header("Needs your attention", anchor=False, help=formatting.escape_markdown(by_chance) or None)
    if not found.items:
        st.markdown(attention_sentences.NOTHING_STANDS_OUT)
    for item in found.items:
        verdict, numbers = describe_item(item)
        text, link = st.columns([5, 1], gap="small", vertical_alignment="center")
        text.markdown(f"**{formatting.escape_markdown(verdict)}.** {formatting.escape_markdown(numbers)}")
        with link:
            page, title = LINKS[item.topic]
            if item.topic == "dose":  # of all dates and the whole clinic
                navigation.link_to_all_dates(page, formatting.escape_markdown(title), True, **_parameters(item))
            else:
                navigation.draw_link(page, formatting.escape_markdown(title), **_parameters(item))
    prose.draw_text(attention_sentences.describe_quiet_topics(found.quiet, found.refused), "caption")


def describe_item(item: AttentionItem) -> attention_sentences.Line:
    """The verdict and the numbers of an item."""
    match item.topic:
        case "red_flags":
            effect = label("side_effect", item.codes[0])
            return attention_sentences.describe_red_flag(effect, item.observed, item.case, item.since)
        case "lots":
            return attention_sentences.describe_lot(
                item.codes[1], item.observed, item.total, item.expected, item.chance
            )
        case "trends":
            measure = measures()[item.codes[0]]
            state = trend_sentences.describe_state("", formatting.month(item.since), item.is_target)
            noun = f"{UNIT_NOUNS[measure.unit]}s"
            return attention_sentences.describe_trend(
                state, measure.title, item.observed, item.total, noun, item.expected
            )
        case "practitioners":
            practitioner, measure = item.codes
            return attention_sentences.describe_practitioner(
                label("practitioner", practitioner),
                measures()[measure].title.lower(),
                item.observed,
                item.total,
                item.expected,
            )
        case "dose":
            measure, product, area = item.codes
            return attention_sentences.describe_dose(
                measures()[measure].title.lower(),
                label("product", product),
                label("area", area).lower(),
                unit_label(product),
                *item.doses,
            )
        case "durations":
            return attention_sentences.describe_long_durations(item.observed, item.total, item.case)
        case "follow_up":
            return attention_sentences.describe_low_follow_up(
                item.observed, item.total, MIN_FOLLOW_UP_SHARE, item.callable_now
            )
        case _:
            return attention_sentences.describe_missing(item.codes[0], item.observed, item.total)


def _parameters(item: AttentionItem) -> dict[str, Any]:
    """What the page of an item shows first."""
    number = {"case": str(item.case)} if item.case else {}
    match item.topic:
        case "red_flags":
            return {"red_flag": "1"} | number
        case "durations":
            return {"calls": call_sentences.SIDE_EFFECT_LIST}
        case "dose":
            family, product, area = item.codes  # the measures of weakness have the codes of their families
            return {"area": area, "family": family, "product": product}
        case "trends" | "practitioners":
            return {"measure": measures()[item.codes[-1]].title}
        case _:
            return {}
