"""Instructions in Chinese, for Qwen-Image, LongCat, JoyAI, FireRed and the servers. The photo is 图1."""

from pipeline.editors.said import Pictured, Said

COLORS = {
    "red": "红色", "orange": "橙色", "yellow": "黄色", "green": "绿色", "blue": "蓝色", "purple": "紫色",
    "pink": "粉色", "black": "黑色", "white": "白色", "gray": "灰色", "brown": "棕色", "gold": "金色",
    "silver": "银色", "cyan": "青色",
}  # fmt: skip
STYLES = {
    "ink_wash": "中国水墨画", "impressionist": "印象派油画", "oil": "油画", "watercolor": "水彩画", "sketch": "铅笔素描",
    "comic": "漫画", "anime": "日本动漫", "pixel": "像素画", "abstract": "抽象画", "cyberpunk": "赛博朋克",
    "clay": "黏土动画", "vintage": "复古老照片", "papercut": "中国剪纸",
}  # fmt: skip
SIDES = {
    "left": "左侧", "right": "右侧", "center": "中间", "top": "上方", "bottom": "下方", "front": "前景", "behind": "后方",
}  # fmt: skip
PARTS = {
    "hair": "头发", "clothes": "衣服", "dress": "裙子", "face": "脸", "eyes": "眼睛", "background": "背景",
}  # fmt: skip
SHOWN = {"person": "人", "pet": "宠物", "object": "东西", "style": "画风", "given": "东西"}
ONE = {"person": "一个人", "pet": "一只宠物", "object": "一样东西", "style": "一种画风", "given": "一样东西"}
STRENGTHS = {"slight": "变化轻微一点。", "strong": "变化明显一些。"}
ADJUST = {
    "brighter": "更亮", "darker": "更暗", "contrast": "对比更强", "warmer": "色调更暖", "cooler": "色调更冷",
    "vivid": "颜色更鲜艳", "muted": "颜色更淡雅", "sharper": "更清晰", "denoise": "去掉噪点", "auto": "光线和色彩更好看",
    "grayscale": "变成黑白照片", "colorize": "给黑白照片上自然的颜色", "relight": "光线更柔和自然",
}  # fmt: skip
STAYS = (
    "除此以外，图1的一切保持原样：其他人的长相、表情、姿势和衣服，背景，光线，色调，构图和取景都不变；"
    "不要移动、缩放或裁切画面，不要美颜磨皮。"
)
FRAMED = "构图和取景不变，人物的长相、姿势和位置不变，不要移动、缩放或裁切画面。"
LIKE_PHOTO = "光线方向、色调、清晰度和颗粒感与图1一致"


def write(said: Said) -> str:
    """The instruction."""
    begin = _introduced(said.pictured) + (_introduced(said.known) if said.known != said.pictured else "")
    return begin + TEMPLATES[said.operation](said) + STRENGTHS.get(said.strength, "")


def draw(content: str) -> str:
    """A prompt for a picture from nothing."""
    return f"一张照片：{content}。主体完整，位于画面中间，光线自然，细节清晰，背景简洁，画面里没有文字和水印。"


def _insert(said: Said) -> str:
    shown, where = said.pictured, _where(said)
    if shown is not None and shown.kind in ("person", "pet"):
        return (
            f"把{_pictures(shown)}里的{SHOWN[shown.kind]}加进图1，放在{where}。"
            f"长相、发型和体型与{_pictures(shown)}完全一致，姿势自然，身高和头的大小与旁边的人相称，{LIKE_PHOTO}，"
            f"脚下有自然的影子，不要挡住别人的脸。{_count(said, 1)}{STAYS}"
        )
    what = _incoming(said, "合适的东西")
    return f"在图1的{where}加上{what}，大小和透视与周围相称，{LIKE_PHOTO}，接触的地方有自然的影子。{STAYS}"


def _replace(said: Said) -> str:
    shown = said.pictured
    if shown is not None and shown.kind in ("person", "pet"):
        return (
            f"把{_meant(said)}换成{_pictures(shown)}里的{SHOWN[shown.kind]}：长相、发型和体型与{_pictures(shown)}"
            f"完全一致，站的位置、姿势和大小与原来相同，{LIKE_PHOTO}。{_count(said, 0)}{STAYS}"
        )
    return (
        f"把{_meant(said)}换成{_incoming(said, '别的样子')}，放在原来的位置，大小、角度和姿态与原来相称，"
        f"{LIKE_PHOTO}。{STAYS}"
    )


def _remove(said: Said) -> str:
    gone = -len(said.view.target)
    return (
        f"把{_meant(said)}去掉，连同影子和倒影，用周围的背景自然补全，不留痕迹，也不要添加新的东西。"
        f"{_count(said, gone) if gone else ''}{STAYS}"
    )


def _restyle(said: Said) -> str:
    shown = said.pictured
    if shown is not None:
        style = f"与{_pictures(shown)}相同的画风"
    else:
        style = STYLES.get(said.style or "") or said.content or "另一种画风"
        style += "" if style.endswith(("风", "风格", "画风")) else "风格"
    return f"把整张图1重新画成{style}，笔触、材质和用色都要像。{FRAMED}每个人仍然认得出来。"


def _recolor(said: Said) -> str:
    color = COLORS.get(said.color or "") or said.content or "另一种颜色"
    return f"把{_meant(said)}改成{color}，只改颜色，形状、材质、纹理、褶皱和明暗都不变。{STAYS}"


def _modify(said: Said) -> str:
    wish = "的".join(part for part in (COLORS.get(said.color or "", ""), said.content or "") if part)
    if said.pictured is not None:
        wish = f"照{_pictures(said.pictured)}的样子" + (f"，{wish}" if wish else "")
    if said.target is None and not said.view.target and said.known is None:
        return f"按这个要求修改图1：{wish or '更好看'}。{FRAMED}没有提到的东西都保持原样。"
    return f"修改{_meant(said)}，要求是：{wish or '更好看'}。长相和身份不变，仍是同一个人或同一样东西。{STAYS}"


def _background(said: Said) -> str:
    if said.pictured is not None:
        scene = f"{_pictures(said.pictured)}的场景"
    else:
        plain = COLORS.get(said.color or "")
        scene = said.content or (f"干净的纯{plain}背景" if plain else "干净简洁的背景")
    people = f"{said.view.persons}个人" if said.view.persons else "人物和前景里的东西"
    return (
        f"把图1的背景换成{scene}。{people}完全不变：长相、表情、姿势、衣服、位置和大小都与图1相同，头发边缘干净自然；"
        f"人身上的光线和色调与新背景协调，地面有相应的影子。构图和取景不变，不要移动、缩放或裁切画面。"
    )


def _move(said: Said) -> str:
    if said.content is not None and said.position is None:
        return _swap(said)
    return (
        f"把{_meant(said)}移到{_where(said)}，样子不变，大小按透视相称，影子跟着走；原来的位置用周围的背景"
        f"自然补全。{STAYS}"
    )


def _swap(said: Said) -> str:
    return f"把{_meant(said)}和{said.content or '旁边的人'}交换位置，两者的样子都不变，大小按透视相称。{STAYS}"


def _face_swap(said: Said) -> str:
    whose = f"{_pictures(said.pictured)}里的人" if said.pictured else said.content or "旁边的人"
    return (
        f"把{_meant(said)}的脸换成{whose}的脸：五官和脸型一致，表情和头的角度与原来相同，肤色和光线与图1衔接自然。"
        f"{STAYS}"
    )


def _adjust(said: Said) -> str:
    wish = ADJUST.get(said.content or "", said.content) or "光线和色彩更好看"
    return f"调整整张图1的光线和色彩：{wish}。内容一点都不改。{FRAMED}"


def _restore(said: Said) -> str:
    return f"修复图1这张照片：去掉划痕、折痕、污点和噪点，恢复清晰自然的细节，不改变任何人的长相。{FRAMED}"


def _beautify(said: Said) -> str:
    wish = said.content or "肤色均匀、气色好"
    return f"给{_meant(said)}自然地美化一下：{wish}。五官和脸型不变，保留皮肤的质感，认得出是同一个人。{STAYS}"


TEMPLATES = {
    "insert": _insert, "replace": _replace, "remove": _remove, "restyle": _restyle, "recolor": _recolor,
    "modify": _modify, "background": _background, "move": _move, "swap": _swap, "face_swap": _face_swap,
    "adjust": _adjust, "restore": _restore, "beautify": _beautify,
}  # fmt: skip


def _introduced(shown: Pictured | None) -> str:
    if shown is None or shown.kind == "given":
        return ""
    if len(shown.numbers) == 1:
        return f"图{shown.numbers[0]}是{ONE[shown.kind]}的参考照片。"
    return f"{_pictures(shown)}是同{ONE[shown.kind]}的参考照片。"


def _pictures(shown: Pictured) -> str:
    return "和".join(f"图{number}" for number in shown.numbers)


def _incoming(said: Said, otherwise: str) -> str:
    if said.pictured is not None:
        return f"{_pictures(said.pictured)}里的{said.content or SHOWN[said.pictured.kind]}"
    color = COLORS.get(said.color or "", "")
    return (f"{color}的" if color and said.content else color) + (said.content or ("" if color else otherwise))


def _meant(said: Said) -> str:
    target = _target(said)
    return f"图1中{'' if target.startswith(tuple('左右中上下前后从最全那')) else '的'}{target}"


def _target(said: Said) -> str:
    """Who or what is meant: counted where somebody counted, else in the user's words."""
    part = PARTS.get(said.part or "")
    if said.view.target and said.view.persons:
        if said.view.persons == 1:
            who = "人"
        elif len(said.view.target) == said.view.persons:
            who = f"全部{said.view.persons}个人"
        else:
            numbers = "、".join(str(index + 1) for index in said.view.target)
            who = f"从左往右数第{numbers}个人（画面里一共{said.view.persons}个人）"
        if said.target and part:
            return f"{who}的{part}"
        return who
    if said.known is not None:
        who = f"那个与{_pictures(said.known)}相同的{SHOWN[said.known.kind]}"
        return f"{who}的{part}" if part else who
    what = said.target or part or "主体"
    if said.ordinal is not None and said.target_position in ("left", "right", None):
        end = {"left": "左", "right": "右", None: "左"}[said.target_position]
        other = {"左": "右", "右": "左"}[end]
        number = f"最{other}边的" if said.ordinal == -1 else f"从{end}往{other}数第{said.ordinal}个"
        return number + what
    if said.target_position and not what.startswith(tuple("左右中上下前后")):
        return f"{SIDES[said.target_position]}的{what}"
    return what


def _where(said: Said) -> str:
    if said.point is not None:
        return f"离左边{said.point[0]:.0%}、离上边{said.point[1]:.0%}的地方"
    if said.beside is not None:
        side = {"left": "左边", "right": "右边", "front": "前面", "behind": "身后"}.get(said.position or "", "旁边")
        return f"{said.beside}的{side}"
    if said.position == "behind":
        return "后排，被前面的人自然地遮住一部分"
    return f"画面{SIDES[said.position]}" if said.position else "画面里合适的空位"


def _count(said: Said, more: int) -> str:
    persons = said.view.persons
    if persons is None or not (persons or more):
        return ""
    return f"改完以后画面里一共{persons + more}个人。" if persons + more > 0 else "改完以后画面里没有人。"
