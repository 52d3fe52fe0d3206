"""What pictures show, as it is said in Chinese, as data: names of kinds, colours, settings and styles for questions and answers,
and what is near to what a model cannot draw. What people say is read by the parser (bot/language).
"""

# English kind → its name, in groups of a kind: for what a model cannot draw the nearest that it can is offered.
GROUPS: dict[str, dict[str, str]] = {
    "animal": {
        "cat": "猫", "dog": "狗", "rabbit": "兔", "duck": "鸭", "bird": "鸟", "chicken": "鸡", "horse": "马", "cow": "牛",
        "sheep": "羊", "pig": "猪", "lion": "狮子", "tiger": "老虎", "bear": "熊", "panda": "熊猫", "elephant": "大象",
        "monkey": "猴子", "fox": "狐狸", "wolf": "狼", "deer": "鹿", "squirrel": "松鼠", "mouse": "老鼠", "fish": "鱼",
        "turtle": "乌龟", "snake": "蛇", "frog": "青蛙", "butterfly": "蝴蝶", "bee": "蜜蜂", "penguin": "企鹅"
    },
    "person": {
        "girl": "女孩", "boy": "男孩", "monster": "怪兽"
    },
    "vehicle": {
        "car": "车", "bus": "公交车", "truck": "卡车", "bicycle": "自行车", "motorcycle": "摩托车", "train": "火车",
        "airplane": "飞机", "boat": "船", "rocket": "火箭"
    },
    "building": {
        "house": "房子", "tower": "塔", "castle": "城堡", "temple": "寺庙", "bridge": "桥", "skyscraper": "大楼", "tent": "帐篷"
    },
    "plant": {
        "flower": "花", "tree": "树", "grass": "草", "mushroom": "蘑菇", "cactus": "仙人掌"
    },
    "object": {
        "ball": "球", "umbrella": "伞", "balloon": "气球", "cup": "杯子", "bottle": "瓶子", "vase": "花瓶", "book": "书",
        "chair": "椅子", "table": "桌子", "sofa": "沙发", "bed": "床", "bench": "长椅", "lamp": "灯", "clock": "钟",
        "phone": "手机", "computer": "电脑", "camera": "相机", "guitar": "吉他", "backpack": "背包", "suitcase": "行李箱",
        "trash can": "垃圾桶", "utility pole": "电线杆", "sign": "路牌", "snowman": "雪人", "robot": "机器人",
        "teddy bear": "玩具熊", "statue": "雕像", "kite": "风筝", "gift": "礼物"
    },
    "food": {
        "cake": "蛋糕", "apple": "苹果", "orange": "橙子", "banana": "香蕉", "strawberry": "草莓", "watermelon": "西瓜",
        "pizza": "披萨", "hamburger": "汉堡", "noodles": "面条", "ice cream": "冰淇淋", "coffee": "咖啡", "bread": "面包",
        "dumplings": "饺子"
    },
    "sky": {
        "moon": "月亮", "sun": "太阳", "star": "星星", "cloud": "云", "rainbow": "彩虹"
    },
}  # fmt: skip

# Characters that make the names of a kind, to offer a car for an unknown word with 车 in it.
CHARACTERS: dict[str, str] = {
    "cat": "猫喵", "dog": "狗犬汪", "rabbit": "兔", "duck": "鸭", "bird": "鸟雀", "chicken": "鸡", "horse": "马", "cow": "牛",
    "sheep": "羊", "pig": "猪", "lion": "狮", "tiger": "虎", "bear": "熊", "elephant": "象", "monkey": "猴", "wolf": "狼",
    "deer": "鹿", "mouse": "鼠", "fish": "鱼", "turtle": "龟", "snake": "蛇", "girl": "妞囡娘", "boy": "爹", "monster": "怪",
    "car": "车", "boat": "船舟艇", "house": "房屋", "tower": "塔", "temple": "庙", "bridge": "桥", "skyscraper": "楼",
    "flower": "花", "tree": "树", "grass": "草", "ball": "球波", "umbrella": "伞遮", "cup": "杯", "bottle": "樽",
    "book": "书", "chair": "椅凳", "table": "台", "bed": "床", "lamp": "灯", "clock": "钟", "backpack": "包",
    "suitcase": "喼", "noodles": "面", "cloud": "云",
}  # fmt: skip

PERSONS = frozenset(GROUPS["person"])

# What things look like when nobody says a colour: not the first of a list, nor that of the clothes of whom they replace.
NATURAL_COLORS: dict[str, str] = {
    "cat": "yellow", "dog": "yellow", "rabbit": "white", "bear": "black", "bird": "blue", "flower": "pink", "tree": "green",
    "boat": "white", "cake": "pink", "house": "yellow", "monster": "green",
}  # fmt: skip

COLOR_NAMES: dict[str, str] = {
    "red": "红色",
    "orange": "橙色",
    "yellow": "黄色",
    "green": "绿色",
    "blue": "蓝色",
    "purple": "紫色",
    "pink": "粉色",
    "black": "黑色",
    "white": "白色",
    "gray": "灰色",
    "brown": "棕色",
    "gold": "金色",
    "silver": "银色",
    "cyan": "青色",
}

NEAR_COLORS: dict[str, tuple[str, ...]] = {
    "orange": ("yellow", "red"),
    "gray": ("white", "black"),
    "brown": ("black", "red"),
    "gold": ("yellow",),
    "silver": ("white",),
    "cyan": ("blue", "green"),
}

# Settings of a closed world for places that it has no word for. The first line is as good as the place itself.
SAME_SETTINGS: dict[str, str] = {"in a living room": "room", "in a bedroom": "room", "in a kitchen": "room"}

NEAR_SETTINGS: dict[str, tuple[str, ...]] = {
    "in an office": ("room",),
    "in a classroom": ("room",),
    "in a library": ("room",),
    "in a cafe": ("room",),
    "in a forest": ("grass",),
    "in a garden": ("grass",),
    "in the mountains": ("snow", "grass"),
    "on the moon": ("desert", "night"),
    "in space": ("night",),
    "on a street": ("night",),
    "under water": ("lake", "beach"),
    "at sunset": ("beach", "desert"),
    "in the rain": ("lake", "night"),
    "in front of the great wall": ("desert", "grass"),
    "in front of the eiffel tower": ("night", "grass"),
    "in front of a castle": ("grass",),
    "desert": ("beach",),
    "lake": ("beach",),
    "room": ("night",),
}

STYLES: dict[str, str] = {
    "ink_wash": "an ink wash painting of",
    "impressionist": "an impressionist painting of",
    "oil": "an oil painting of",
    "watercolor": "a watercolor painting of",
    "sketch": "a pencil sketch of",
    "comic": "a comic of",
    "anime": "an anime drawing of",
    "pixel": "a pixel art of",
    "abstract": "an abstract painting of",
    "cyberpunk": "a cyberpunk picture of",
    "clay": "a clay model of",
    "vintage": "a vintage photo of",
    "papercut": "a paper cut of",
    "photo": "a photo of",
}

STYLE_NAMES: dict[str, str] = {
    "ink_wash": "水墨画",
    "impressionist": "印象派",
    "oil": "油画",
    "watercolor": "水彩",
    "sketch": "素描",
    "comic": "漫画",
    "anime": "动漫",
    "pixel": "像素画",
    "abstract": "抽象画",
    "cyberpunk": "赛博朋克",
    "clay": "黏土",
    "vintage": "复古",
    "papercut": "剪纸",
    "photo": "照片",
}

# Styles to offer for one that cannot be drawn, the most alike first.
NEAR_STYLES: dict[str, tuple[str, ...]] = {
    "ink_wash": ("watercolor", "sketch"),
    "impressionist": ("oil", "watercolor", "abstract"),
    "oil": ("impressionist", "abstract"),
    "watercolor": ("impressionist", "ink_wash"),
    "sketch": ("ink_wash", "comic"),
    "comic": ("anime", "sketch", "pixel"),
    "anime": ("comic",),
    "pixel": ("comic", "abstract"),
    "abstract": ("impressionist", "pixel"),
    "cyberpunk": ("comic", "pixel"),
    "clay": ("comic",),
    "vintage": ("photo", "sketch"),
    "papercut": ("comic", "ink_wash"),
}

SLOT_NAMES: dict[str, dict[str, str]] = {
    "hair": {"long": "长发", "short": "短发", "curly": "卷发"},
    "pattern": {"striped": "条纹", "dotted": "波点"},
    "accessory": {"glasses": "戴眼镜", "hat": "戴帽子"},
    "top": {"horns": "长角", "ears": "大耳朵", "antennas": "有触角"},
    "eyes": {"one eye": "独眼", "two eyes": "两只眼", "three eyes": "三只眼"},
    "expression": {"happy": "开心", "sad": "难过", "angry": "生气", "surprised": "惊讶", "sleepy": "困"},
}

# What can be changed about things, by slot, as it is told.
SLOT_TITLES: dict[str, str] = {
    "color": "颜色",
    "expression": "表情",
    "hair": "发型",
    "hair_color": "发色",
    "pattern": "衣服的花纹",
    "accessory": "眼镜和帽子",
    "eyes": "眼睛",
    "top": "头上的角",
}

NAMES: dict[str, tuple[str, str]] = {
    "cat": ("只", "猫"),
    "dog": ("只", "狗"),
    "rabbit": ("只", "兔子"),
    "ball": ("个", "球"),
    "car": ("辆", "汽车"),
    "house": ("座", "房子"),
    "umbrella": ("把", "伞"),
    "flower": ("朵", "花"),
    "girl": ("个", "女孩"),
    "boy": ("个", "男孩"),
    "monster": ("只", "怪兽"),
    "duck": ("只", "鸭子"),
    "cup": ("个", "杯子"),
    "bear": ("只", "熊"),
    "bird": ("只", "小鸟"),
    "tree": ("棵", "树"),
    "boat": ("艘", "船"),
    "cake": ("个", "蛋糕"),
    "chair": ("把", "椅子"),
    "fish": ("条", "鱼"),
    "bicycle": ("辆", "自行车"),
    "lamp": ("盏", "灯"),
    "penguin": ("只", "企鹅"),
    "rocket": ("枚", "火箭"),
}

SETTING_NAMES: dict[str, str] = {
    "beach": "海边",
    "grass": "草地",
    "snow": "雪地",
    "night": "城市夜景",
    "room": "房间",
    "desert": "沙漠",
    "lake": "湖边",
}

POSITION_NAMES: dict[str, str] = {
    "far left": "最左边",
    "left": "左边",
    "middle": "中间",
    "right": "右边",
    "far right": "最右边",
}
