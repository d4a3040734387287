"""Variant characters folded together, for candidate keys only.

昇 and 升, 喆 and 哲 are different names: what is equal after folding is worth comparing, never equal.
"""

from functools import cache

import opencc
import pyarrow as pa

from resolver.identifiers.columns import Column, map_text

# What traditional-to-simplified leaves alone, though people write one for the other.
_OWN = {
    "锺": "钟", "囯": "国", "囻": "国", "濬": "浚", "喆": "哲", "堃": "坤", "淸": "清", "珎": "珍", "峯": "峰",
    "羣": "群", "甯": "宁", "寗": "宁", "於": "于", "曌": "照", "仝": "同", "亰": "京", "髙": "高", "塚": "冢",
    "嵗": "岁", "秊": "年", "祐": "佑", "犇": "奔", "晧": "皓", "皡": "皓", "敎": "教", "靑": "青", "眞": "真",
    "叡": "睿", "勛": "勋", "勲": "勋", "彥": "彦", "產": "产", "媖": "瑛", "琹": "琴", "菓": "果", "徳": "德",
    "恵": "惠", "栢": "柏", "氷": "冰", "凃": "涂", "呉": "吴", "閆": "闫", "肖": "萧", "付": "傅", "咊": "和",
    "龢": "和", "邨": "村", "坵": "丘", "邱": "丘", "荘": "庄", "燄": "焰", "昰": "是", "陞": "升", "旾": "春",
    "苐": "弟", "暎": "映", "逺": "远",
}  # fmt: skip


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@cache
def _fold_character(character: str) -> str:
    previous = ""
    while character != previous:
        previous = character
        character = _OWN.get(character, character)
        character = str(_converter().convert(character))
    return character


def fold(text: str) -> str:
    """The text with every variant character replaced by one form of it. Same length in characters."""
    return text if text.isascii() else "".join(map(_fold_character, text))


def fold_column(column: Column) -> pa.Array:
    """`fold` over a column of text."""
    return map_text(column, fold, pa.string())
