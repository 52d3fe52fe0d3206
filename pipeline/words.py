"""Chinese words for what pictures show, as data: English word → what people say for it, separated by spaces.

Things are in groups of a kind, so that for a word a model cannot draw the nearest that it can is offered. Words of one
character are only understood where they stand alone (`车`, but not the 车 in 火车).
"""

GROUPS: dict[str, dict[str, str]] = {
    "animal": {
        "cat": (
            "猫 猫咪 小猫 喵星人 喵 猫猫 主子 小猫咪 橘猫 花猫 黑猫 白猫 咪咪 狸花猫 布偶猫 英短 加菲猫 大橘 猫主子"
        ),
        "dog": "狗 狗狗 小狗 狗子 汪星人 修勾 小修勾 犬 汪 柴犬 二哈 哈士奇 金毛 柯基 泰迪 土狗 拉布拉多 狗勾 小奶狗",
        "rabbit": "兔 兔子 小兔 小兔子 兔兔 白兔 小白兔 大白兔 兔崽子 垂耳兔",
        "duck": "鸭 鸭子 小鸭 小鸭子 小黄鸭 鸭鸭",
        "bird": "鸟 小鸟 鸟儿 麻雀 鹦鹉 鸽子 海鸥 老鹰 猫头鹰 燕子 企鹅 天鹅 孔雀",
        "chicken": "鸡 小鸡 公鸡 母鸡",
        "horse": "马 骏马 小马 马儿 白马 斑马",
        "cow": "牛 奶牛 黄牛 小牛",
        "sheep": "羊 绵羊 山羊 小羊",
        "pig": "猪 小猪 猪猪",
        "lion": "狮子 狮",
        "tiger": "老虎 虎 小老虎",
        "bear": "熊 狗熊 北极熊 小熊 棕熊",
        "panda": "熊猫 大熊猫",
        "elephant": "大象 象",
        "monkey": "猴子 猴 猩猩",
        "fox": "狐狸",
        "wolf": "狼",
        "deer": "鹿 小鹿 长颈鹿",
        "squirrel": "松鼠",
        "mouse": "老鼠 仓鼠 鼠",
        "fish": "鱼 金鱼 小鱼 鲸鱼 鲨鱼 海豚",
        "turtle": "乌龟 龟 海龟",
        "snake": "蛇",
        "frog": "青蛙",
        "butterfly": "蝴蝶",
        "bee": "蜜蜂",
    },
    "person": {
        "girl": (
            "女孩 女孩子 女生 姑娘 小姑娘 妹子 小姐姐 小姐 女人 女的 女士 美女 女子 女同学 女同事 小女孩 妹妹 "
            "姐姐 阿姨 妈妈 老妈 奶奶 外婆 姥姥 老婆 女朋友 女友 媳妇 闺蜜 公主 少女 大妈 大姐 老奶奶 萝莉 妞 "
            "新娘 女儿 女神 仙女"
        ),
        "boy": (
            "男孩 男孩子 男生 小伙 小伙子 小哥 小哥哥 帅哥 男人 男的 男士 先生 男子 男同学 男同事 小男孩 弟弟 "
            "哥哥 叔叔 大叔 爸爸 老爸 爷爷 外公 姥爷 老公 男朋友 男友 大爷 大哥 兄弟 哥们 哥们儿 少年 王子 "
            "老爷爷 汉子 新郎 儿子 小子 老头"
        ),
        "monster": "怪兽 怪物 小怪兽 小怪物 妖怪 外星人 怪 小妖怪 魔怪 异形 怪兽君",
    },
    "vehicle": {
        "car": "车 车子 汽车 小车 小汽车 轿车 跑车 小轿车 越野车 私家车 座驾 车车",
        "bus": "公交车 大巴 巴士 公共汽车 校车",
        "truck": "卡车 货车",
        "bicycle": "自行车 单车 脚踏车",
        "motorcycle": "摩托车 摩托 电动车 电瓶车",
        "train": "火车 高铁 地铁 列车",
        "airplane": "飞机 客机",
        "boat": "船 小船 轮船 帆船 游艇",
        "rocket": "火箭 飞船",
    },
    "building": {
        "house": "房子 屋子 小屋 房屋 房 屋 别墅 木屋 小房子 大房子 住宅 农舍 小木屋 民宿",
        "tower": "塔 铁塔 灯塔",
        "castle": "城堡",
        "temple": "寺庙 庙 亭子",
        "bridge": "桥 大桥",
        "skyscraper": "大楼 高楼 楼 楼房",
        "tent": "帐篷",
    },
    "plant": {
        "flower": (
            "花 花朵 小花 鲜花 花儿 玫瑰 玫瑰花 向日葵 郁金香 荷花 樱花 菊花 牡丹 小红花 百合 花花 牡丹花 百合花"
        ),
        "tree": "树 大树 树木 松树 圣诞树 柳树 椰子树 竹子",
        "grass": "草 小草",
        "mushroom": "蘑菇",
        "cactus": "仙人掌",
    },
    "object": {
        "ball": "球 皮球 小球 足球 篮球 排球 球球 大球 玩具球 彩球 沙滩球",
        "umbrella": "伞 雨伞 阳伞 遮阳伞 太阳伞 小伞 油纸伞 洋伞",
        "balloon": "气球",
        "cup": "杯子 杯 水杯 茶杯 马克杯 咖啡杯",
        "bottle": "瓶子 酒瓶 水瓶",
        "vase": "花瓶",
        "book": "书 书本",
        "chair": "椅子 凳子",
        "table": "桌子 茶几",
        "sofa": "沙发",
        "bed": "床",
        "bench": "长椅",
        "lamp": "灯 台灯 路灯",
        "clock": "钟 闹钟",
        "phone": "手机 电话",
        "computer": "电脑 笔记本电脑 显示器 屏幕",
        "camera": "相机 照相机",
        "guitar": "吉他",
        "backpack": "背包 书包 包",
        "suitcase": "行李箱",
        "trash can": "垃圾桶 垃圾箱",
        "utility pole": "电线杆",
        "sign": "路牌 牌子 招牌",
        "snowman": "雪人",
        "robot": "机器人",
        "teddy bear": "玩具熊 泰迪熊",
        "statue": "雕像 雕塑",
        "kite": "风筝",
        "gift": "礼物 礼盒",
    },
    "food": {
        "cake": "蛋糕 生日蛋糕",
        "apple": "苹果",
        "orange": "橙子 橘子",
        "banana": "香蕉",
        "strawberry": "草莓",
        "watermelon": "西瓜",
        "pizza": "披萨 比萨",
        "hamburger": "汉堡",
        "noodles": "面条 面",
        "ice cream": "冰淇淋 冰激凌 雪糕",
        "coffee": "咖啡",
        "bread": "面包",
        "dumplings": "饺子 包子",
    },
    "sky": {
        "moon": "月亮",
        "sun": "太阳",
        "star": "星星",
        "cloud": "云 云朵 白云",
        "rainbow": "彩虹",
    },
}

# Words for a group of kinds: any of them may be meant.
ANY: dict[tuple[str, ...], str] = {
    ("girl", "boy"): (
        "人 路人 行人 人物 孩子 小孩 小朋友 小孩子 家伙 朋友 同学 同事 宝宝 娃 娃娃 老人 游客 大人 小家伙 他 "
        "她 他们 她们 我 我们 咱们 自己 本人 某人 大家 宝贝 熊孩子 小盆友 人家"
    ),
    ("cat", "dog", "rabbit"): "动物 小动物 宠物 毛孩子 萌宠 毛球",
    (): "它 它们 东西 物体 这个 那个 主体 主角 物品 玩意 玩意儿 他它",
}

COLORS: dict[str, str] = {
    "red": "红 红色 大红 大红色 朱红 鲜红 酒红 中国红 通红 红彤彤",
    "orange": "橙 橙色 橘色 橘黄 橘红 橙红",
    "yellow": "黄 黄色 金黄 明黄 鹅黄 金黄色 黄黄 柠檬黄",
    "green": "绿 绿色 草绿 翠绿 墨绿 军绿 嫩绿 绿油油 原谅色",
    "blue": "蓝 蓝色 天蓝 湖蓝 深蓝 浅蓝 宝蓝 天蓝色 海蓝",
    "purple": "紫 紫色 紫罗兰色 深紫 淡紫",
    "pink": "粉 粉色 粉红 粉红色 桃红 粉嫩",
    "black": "黑 黑色 漆黑 乌黑 纯黑 黑漆漆",
    "white": "白 白色 雪白 纯白 乳白 白白 洁白",
    "gray": "灰 灰色 银灰 深灰",
    "brown": "棕 棕色 褐色 咖啡色 咖色 栗色 茶色",
    "gold": "金 金色 黄金 土豪金",
    "silver": "银 银色",
    "cyan": "青 青色 天青",
}

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

SETTINGS: dict[str, str] = {
    "beach": "海边 沙滩 海滩 海滨 海岸 大海 海 海边沙滩 海南 三亚 马尔代夫 海景 沙滩边 海滩边 沙子",
    "grass": "草地 草坪 草原 草丛 大草原 草坪地 绿地 青草地 公园 田野 郊外 野外 山坡 草场",
    "snow": "雪地 雪 雪景 雪里 雪中 冰天雪地 雪原 大雪 下雪 冬天 雪天 雪山 雪山前 滑雪场 东北",
    "night": (
        "夜晚 夜景 城市夜景 夜里 晚上 夜色 霓虹 都市夜景 城市 夜晚的城市 夜晚城市 城市的夜晚 都市 外滩 夜市 "
        "夜间 半夜 深夜 黑夜"
    ),
}

# Where an open world may be put; the miniature cannot draw these.
PLACES: dict[str, str] = {
    "on the moon": "月球 月球表面 月亮上",
    "in a forest": "森林 树林 竹林",
    "in the mountains": "山里 山上 高山 山顶 大山",
    "in the desert": "沙漠 戈壁",
    "in space": "太空 宇宙 星空 银河",
    "in an office": "办公室",
    "in a classroom": "教室",
    "in a library": "图书馆",
    "in a kitchen": "厨房",
    "in a living room": "客厅",
    "in a bedroom": "卧室",
    "in a cafe": "咖啡馆 咖啡厅",
    "on a street": "街上 街道 街头 马路",
    "in a garden": "花园",
    "by a lake": "湖边 河边",
    "under water": "海底 水下",
    "in front of the great wall": "长城",
    "in front of the eiffel tower": "埃菲尔铁塔",
    "in front of a castle": "城堡前",
    "at sunset": "夕阳 日落 晚霞 黄昏",
    "in the rain": "雨中 下雨 雨天 雨里",
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

STYLE_WORDS: dict[str, str] = {"photo": "照片 真实 写实 原样 真人 现实 实拍 相片 写真"}

# What can be said of a thing: slot → English value (or a word in it) → Chinese.
SLOTS: dict[str, dict[str, str]] = {
    "hair": {
        "long": "长发 长头发 披肩发 长长的头发 大长发",
        "short": "短发 短头发 寸头 平头",
        "curly": "卷发 卷头发 卷毛 波浪卷 爆炸头 羊毛卷 烫发 大波浪",
    },
    "hair_color": {
        "black": "黑发 黑头发",
        "brown": "棕发 棕头发",
        "yellow": "金发 黄发 黄头发 金头发 黄毛",
        "red": "红发 红头发",
        "purple": "紫发 紫头发",
        "blue": "蓝发 蓝头发",
        "pink": "粉发 粉头发 粉毛",
        "white": "白发 银发 白头发 白毛",
    },
    "pattern": {"striped": "条纹 条纹衫 横纹 海魂衫 条条"},
    "accessory": {
        "glasses": "眼镜 墨镜 太阳镜 眼镜框 近视镜 框架眼镜 黑框眼镜",
        "hat": "帽子 帽 草帽 圣诞帽 棒球帽 礼帽 鸭舌帽 遮阳帽 贝雷帽 渔夫帽 小帽子 生日帽",
    },
    "top": {
        "horns": "角 犄角 牛角 羊角 尖角 头角 长角",
        "ears": "耳朵 大耳朵 兽耳 猫耳 兔耳",
        "antennas": "触角 天线 触须",
    },
    "eyes": {
        "one eye": "独眼 一只眼 一只眼睛 单眼 一个眼睛 独眼龙 一只眼儿",
        "two eyes": "两只眼 两只眼睛 双眼 两个眼睛 二只眼",
        "three eyes": "三只眼 三只眼睛 三眼 三个眼睛",
    },
}

SLOT_NAMES: dict[str, dict[str, str]] = {
    "hair": {"long": "长发", "short": "短发", "curly": "卷发"},
    "pattern": {"striped": "条纹"},
    "accessory": {"glasses": "戴眼镜", "hat": "戴帽子"},
    "top": {"horns": "长角", "ears": "大耳朵", "antennas": "有触角"},
    "eyes": {"one eye": "独眼", "two eyes": "两只眼", "three eyes": "三只眼"},
}

# Parts of a thing whose colour can be said: slot that holds it → Chinese.
PARTS: dict[str, str] = {
    "hair_color": "头发 发色 发 发型 秀发 毛发",
    "color": (
        "衣服 裙子 连衣裙 衬衫 上衣 外套 t恤 T恤 衣裳 短袖 旗袍 毛衣 裙 衣 西装 卫衣 长裙 衣着 服装 球衣 汉服 "
        "夹克 羽绒服 大衣"
    ),
}

# Words that say nothing about what is drawn.
FILLERS = (
    "的 了 着 个 只 条 位 把 朵 辆 栋 座 顶 副 件 头 匹 颗 那 这 一 小 大 老 胖 瘦 戴 穿 有 长 长着 留 "
    "留着 戴着 穿着 身 在 上 里 "
    "边 中 是 和 跟 可爱 漂亮 好看 帅气 帅 美丽 卡通 真 真的 新 旧 圆 圆圆 萌 萌萌 傻 一只 一个 一条 一把 "
    "一朵 一辆 一栋 一位 "
    "一顶 一副 一件 们 ， , 、 颜色 色 我家 他家 你家 家 旁边 前面 后面 左边 右边 中间 左 右 最 站 坐 趴 "
    "站着 坐着 趴着 头上 身上 脸上"
)

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
}
SETTING_NAMES: dict[str, str] = {"beach": "海边", "grass": "草地", "snow": "雪地", "night": "城市夜景"}
POSITION_NAMES: dict[str, str] = {"left": "左边", "middle": "中间", "right": "右边"}
