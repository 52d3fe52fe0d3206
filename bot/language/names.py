"""Is a word the name of somebody we have not been introduced to? 小红 is, 小猫 is not; then we can ask for pictures."""

import re

from bot.language.tokens import fold, vocabulary

SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈卫蒋沈韩杨朱秦许何吕张孔曹严魏陶姜谢邹喻苏潘葛范彭鲁韦马方任袁柳史唐薛雷贺倪汤罗毕郝安常于"
    "傅齐康伍余顾孟黄穆萧尹姚邵汪毛戴宋庞纪舒屈项祝董梁杜阮贾江郭梅林钟徐邱骆高夏蔡田樊胡凌霍万卢莫丁邓洪左石崔龚程"
    "邢裴陆翁段侯武刘叶黎白赖乔谭温庄阎易廖耿文欧聂曾关游"
)
THINGS = frozenset("猫狗兔鸟鱼马牛羊猪鸡鸭鹅熊象猴鹿虎狼狐伞球花草树车船屋房桌椅碗杯包帽灯旗塔桥岛山河湖云雨雪星月")
CALLED = re.compile(r"[小阿老]([\u4e00-\u9fff])|[\u4e00-\u9fff]{1,3}(?:哥|姐|叔|姨|总|老师|同学)|([\u4e00-\u9fff])\2")
LATIN = re.compile(r"[A-Z][a-z]{1,14}")
COMMON = 20  # how often a word stands in jieba's dictionary before we take it for an ordinary one


def is_name(word: str) -> bool:
    """Whether a word for what comes into a photo is somebody's name, going by its form and by the words we know."""
    if LATIN.fullmatch(word):
        return not _ordinary(word)
    word = fold(word)
    if not re.fullmatch(r"[\u4e00-\u9fff]{2,4}", word):
        return False
    if re.fullmatch("老.", word) and word[1] in SURNAMES:
        return True
    if _ordinary(word) or word.startswith(("许多", "好多", "一")):
        return False
    if called := CALLED.fullmatch(word):
        return not THINGS.intersection(filter(None, called.groups()))
    if word[0] not in SURNAMES or len(word) > 3:
        return False
    return not _ordinary(word[1:]) if len(word) == 3 else word[0] not in "黄白高石" and word[1] not in THINGS


def _ordinary(word: str) -> bool:
    known = vocabulary()
    return fold(word) in known.parts or known.frequencies.get(fold(word), 0) >= COMMON
