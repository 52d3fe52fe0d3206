"""Words for the closed lists of storage.plans, and a sentence to try for each operation."""

COLORS = {
    "red": "红色", "orange": "橙色", "yellow": "黄色", "green": "绿色", "blue": "蓝色", "purple": "紫色",
    "pink": "粉色", "black": "黑色", "white": "白色", "gray": "灰色", "brown": "棕色", "gold": "金色",
    "silver": "银色", "cyan": "青色",
}  # fmt: skip
STYLES = {
    "ink_wash": "水墨画", "impressionist": "印象派", "oil": "油画", "watercolor": "水彩", "sketch": "素描",
    "comic": "漫画", "anime": "动漫", "pixel": "像素画", "abstract": "抽象画", "cyberpunk": "赛博朋克",
    "clay": "黏土", "vintage": "复古", "papercut": "剪纸",
}  # fmt: skip
ADJUSTMENTS = {
    "brighter": "调亮", "darker": "调暗", "contrast": "加强对比", "warmer": "调暖", "cooler": "调冷", "vivid": "调鲜艳", "muted": "调淡",
    "sharper": "锐化", "denoise": "降噪", "auto": "自动调色", "grayscale": "变黑白", "colorize": "上色", "relight": "补光",
}  # fmt: skip
TURNS = {"left": "向左转", "right": "向右转", "half": "转 180 度", "mirror": "左右镜像", "straighten": "扶正"}
SIZES = {"one_inch": "一寸", "two_inch": "二寸", "small_two_inch": "小二寸"}
COLLAGES = {"side_by_side": "左右拼成一张", "stack": "上下拼成长图", "nine": "拼成九宫格"}
CROPS = {"square": "正方形", "竖版": "竖版", "横版": "横版", "竖屏": "竖屏", "横屏": "横屏", "头像": "头像"}
POSITIONS = {
    "left": "左边", "right": "右边", "center": "中间", "top": "上面", "bottom": "下面", "front": "前面",
    "behind": "后面",
}  # fmt: skip
KINDS = {"person": "人", "pet": "宠物", "object": "东西", "style": "画风"}
OPERATIONS = {
    "insert": "往照片里加东西", "replace": "把一样换成另一样", "remove": "去掉东西", "restyle": "换画风",
    "recolor": "改颜色", "modify": "改表情、穿戴和天气", "background": "换背景", "move": "挪位置", "adjust": "调光线和颜色",
    "crop": "裁剪", "rotate": "旋转和摆正", "id_photo": "做证件照", "upscale": "变高清", "restore": "修复老照片",
    "extend": "扩图", "beautify": "美颜", "cutout": "抠图", "mosaic": "打码", "text": "加文字", "collage": "拼图",
    "swap": "让两个人换位置", "face_swap": "换脸",
}  # fmt: skip
EXAMPLES = {  # a sentence to try for every operation
    "insert": "加一个红色的气球", "replace": "把猫换成狗", "remove": "去掉后面的路人", "restyle": "改成水墨画", "recolor": "把衣服变成红色",
    "modify": "背景虚化", "background": "背景换成海边", "move": "把猫移到右边", "adjust": "调亮一点", "crop": "裁成正方形",
    "rotate": "把照片扶正", "id_photo": "做一寸证件照，蓝底", "upscale": "变清晰", "restore": "修复这张老照片", "extend": "往上扩一点",
    "beautify": "磨皮", "cutout": "把人抠出来", "mosaic": "给车牌打码", "text": "右下角写上：毕业快乐", "collage": "拼成九宫格",
    "swap": "我和他换个位置", "face_swap": "把他的脸换成小明的",
}  # fmt: skip
NEAREST = {  # what comes nearest to an operation that cannot be done
    "insert": ("text", "replace"), "replace": ("remove", "insert", "recolor"), "remove": ("mosaic", "crop", "replace"),
    "restyle": ("adjust",), "recolor": ("adjust",), "modify": ("recolor", "adjust", "insert"), "background": ("cutout", "modify"),
    "move": ("swap", "crop", "remove"), "adjust": ("restyle",), "crop": ("extend",), "rotate": ("crop",), "id_photo": ("background", "crop"),
    "upscale": ("adjust",), "restore": ("upscale", "adjust"), "extend": ("crop",), "beautify": ("adjust",),
    "cutout": ("background",), "mosaic": ("remove",), "text": ("insert",), "collage": ("text", "crop"), "swap": ("move", "remove"),
    "face_swap": ("replace", "insert"),
}  # fmt: skip
