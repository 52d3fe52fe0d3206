"""Chinese words for what pictures show, as data: English word → what people say for it, separated by spaces.

Things are in groups of a kind, so that for a word a model cannot draw the nearest that it can is offered. Words of one
character are only understood where they stand alone (`车`, but not the 车 in 火车).
"""

GROUPS: dict[str, dict[str, str]] = {
    "animal": {
        "cat": (
            "猫 猫咪 小猫 喵星人 喵 猫猫 主子 小猫咪 橘猫 花猫 咪咪 狸花猫 布偶猫 英短 加菲猫 大橘 猫主子 猫仔 喵喵 "
            "喵咪 喵呜 猫儿 肥猫 胖猫 小奶猫 奶猫 波斯猫 暹罗猫 折耳猫 缅因猫 三花 三花猫 奶牛猫 橘座 蓝猫 美短 野猫 流浪猫 "
            "土猫 小咪 猫崽 猫崽子 小喵 喵酱 🐱 🐈 🐈‍⬛"
        ),
        "dog": (
            "狗 狗狗 小狗 狗子 汪星人 修勾 小修勾 犬 汪 柴犬 二哈 哈士奇 金毛 柯基 泰迪 土狗 拉布拉多 狗勾 小奶狗 狗仔 汪汪 "
            "小狗狗 萨摩耶 萨摩 边牧 博美 吉娃娃 法斗 斗牛犬 贵宾 比熊 雪纳瑞 阿拉斯加 秋田 秋田犬 田园犬 德牧 狼狗 流浪狗 "
            "野狗 狗儿 汪酱 修狗 狗崽 狗崽子 小汪 土松 大狗 🐶 🐕 🐩"
        ),
        "rabbit": (
            "兔 兔子 小兔 小兔子 兔兔 兔崽子 垂耳兔 兔仔 兔叽 兔几 小兔几 兔宝宝 野兔 侏儒兔 "
            "兔酱 兔纸 兔砸 小兔仔 🐰 🐇"
        ),
        "duck": "鸭 鸭子 小鸭 小鸭子 小黄鸭 鸭鸭 鸭仔 唐老鸭 鸭崽 🦆",
        "bird": (
            "鸟 小鸟 鸟儿 麻雀 鹦鹉 鸽子 海鸥 老鹰 猫头鹰 燕子 天鹅 孔雀 雀仔 雀 鸟仔 小雀 小鸟儿 鸟鸟 喜鹊 乌鸦 金丝雀 画眉 "
            "百灵 黄鹂 翠鸟 雀儿 雀鸟 🐦 🕊"
        ),
        "chicken": "鸡 小鸡 公鸡 母鸡 鸡仔 小黄鸡 🐔 🐤",
        "horse": "马 骏马 小马 马儿 斑马 马仔 🐴",
        "cow": "牛 奶牛 小牛 牛牛 🐮",
        "sheep": "羊 绵羊 山羊 小羊 羊仔 小绵羊 🐑",
        "pig": "猪 小猪 猪猪 猪仔 猪猪侠 小香猪 佩奇 🐷",
        "lion": "狮子 狮 大狮子 🦁",
        "tiger": "老虎 虎 小老虎 大虫 脑斧 🐯",
        "bear": "熊 狗熊 北极熊 小熊 棕熊 熊仔 熊熊 大熊 熊大 小棕熊 熊宝宝 🐻",
        "panda": "熊猫 大熊猫 滚滚 国宝 🐼",
        "elephant": "大象 象 小象 🐘",
        "monkey": "猴子 猴 猩猩 马骝 猴儿 小猴子 🐵",
        "fox": "狐狸 小狐狸 🦊",
        "wolf": "狼",
        "deer": "鹿 小鹿 长颈鹿",
        "squirrel": "松鼠",
        "mouse": "老鼠 仓鼠 鼠 鼠仔 小老鼠 米老鼠",
        "fish": "鱼 金鱼 小鱼 鲸鱼 鲨鱼 海豚 鱼仔 鱼儿 鱼鱼 🐟 🐠",
        "turtle": "乌龟 龟 海龟 王八 🐢",
        "snake": "蛇",
        "frog": "青蛙 蛤蟆 🐸",
        "butterfly": "蝴蝶 🦋",
        "bee": "蜜蜂 🐝",
        "penguin": "企鹅 小企鹅 帝企鹅 🐧",
    },
    "person": {
        "girl": (
            "女孩 女孩子 女生 姑娘 小姑娘 妹子 小姐姐 小姐 女人 女的 女士 美女 女子 女同学 女同事 小女孩 妹妹 姐姐 阿姨 妈妈 "
            "老妈 奶奶 外婆 姥姥 老婆 女朋友 女友 媳妇 闺蜜 公主 少女 大妈 大姐 老奶奶 萝莉 妞 新娘 女儿 女神 仙女 靓女 正妹 "
            "女仔 萌妹 萌妹子 软妹 御姐 学姐 学妹 师姐 师妹 闺女 丫头 小丫头 妮子 大婶 婶婶 姑姑 姨妈 阿婆 阿嬷 嫲嫲 婆婆 "
            "囡囡 囡 妈咪 娘 婶子 小女生 小美女 女生们 甜妹 女仔头 师奶 奶奶们 女娃 女娃娃 女性 妇女 太太 妻子 老太太 老太婆 "
            "家姐 细妹 姐妹 大妹子 女主 女友们 👧 👩 👱‍♀"
        ),
        "boy": (
            "男孩 男孩子 男生 小伙 小伙子 小哥 小哥哥 帅哥 男人 男的 男士 先生 男子 男同学 男同事 小男孩 弟弟 哥哥 叔叔 大叔 "
            "爸爸 老爸 爷爷 外公 姥爷 老公 男朋友 男友 大爷 大哥 兄弟 哥们 哥们儿 少年 王子 老爷爷 汉子 新郎 儿子 小子 老头 "
            "靓仔 男仔 后生仔 后生 帅锅 小鲜肉 男神 学长 学弟 师兄 师弟 老哥 老铁 大佬 大汉 壮汉 大伯 伯伯 阿伯 阿公 舅舅 "
            "姑父 姨父 爹地 老爹 爹 男娃 男娃娃 男性 丈夫 老大爷 老头子 老爷子 老伯 细佬 大佬们 仔仔 囝囝 男主 小男生 小帅哥 "
            "欧巴 大男孩 小弟弟 👦 👨"
        ),
        "monster": (
            "怪兽 怪物 小怪兽 小怪物 妖怪 外星人 怪 小妖怪 魔怪 异形 怪兽君 小怪 怪物君 怪兽仔 外星仔 小外星人 妖精 魔鬼 恶魔 "
            "小恶魔 鬼怪 怪东西 怪胎 👾 👹 👽"
        ),
    },
    "vehicle": {
        "car": (
            "车 车子 汽车 小车 小汽车 轿车 跑车 小轿车 越野车 私家车 座驾 车车 计程车 出租车 的士 taxi 私家车仔 车仔 玩具车 "
            "小轿跑 豪车 suv 甲壳虫 面包车 房车 老爷车 轿跑 警车 汽车儿 🚗 🚕"
        ),
        "bus": "公交车 大巴 巴士 公共汽车 校车 公车 大巴士 巴士车 双层巴士 🚌",
        "truck": "卡车 货车 货柜车 大货车 🚚",
        "bicycle": "自行车 单车 脚踏车 共享单车 山地车 铁马 🚲",
        "motorcycle": "摩托车 摩托 电动车 电瓶车 机车 电单车 电瓶 小绵羊车 🏍",
        "train": "火车 高铁 地铁 列车 捷运 港铁 动车 和谐号 🚂",
        "airplane": "飞机 客机 飞行机 🛩 ✈",
        "boat": (
            "船 小船 轮船 帆船 游艇 船仔 小艇 渔船 木船 独木舟 舟 小舟 船只 船儿 快艇 邮轮 龙舟 艇 小木船 小帆船 大船 海盗船 "
            "乌篷船 ⛵ 🚤"
        ),
        "rocket": "火箭 飞船 火箭仔 🚀",
    },
    "building": {
        "house": (
            "房子 屋子 小屋 房屋 房 屋 别墅 木屋 小房子 大房子 住宅 农舍 小木屋 民宿 楼房仔 屋仔 屋企 小楼 平房 洋房 茅屋 "
            "瓦房 小屋子 木头房子 大屋 屋宅 草屋 房舍 小别墅 🏠 🏡"
        ),
        "tower": "塔 铁塔 灯塔",
        "castle": "城堡",
        "temple": "寺庙 庙 亭子 寺院 塔寺",
        "bridge": "桥 大桥",
        "skyscraper": "大楼 高楼 楼 楼房 大厦 摩天楼 摩天大楼 高楼大厦",
        "tent": "帐篷",
    },
    "plant": {
        "flower": (
            "花 花朵 小花 鲜花 花儿 玫瑰 玫瑰花 向日葵 郁金香 荷花 樱花 菊花 牡丹 百合 花花 牡丹花 百合花 花仔 玫瑰儿 "
            "雏菊 小雏菊 康乃馨 桃花 梅花 兰花 水仙 薰衣草 蔷薇 绣球 绣球花 花骨朵 鲜花儿 郁金香花 花卉 小野花 "
            "野花 🌸 🌹 🌺 🌻 🌷 🌼"
        ),
        "tree": (
            "树 大树 树木 松树 圣诞树 柳树 椰子树 竹子 小树 树仔 苹果树 橡树 枫树 银杏 银杏树 樱花树 桃树 棕榈树 椰树 白桦 "
            "梧桐 树儿 大榕树 榕树 老树 果树 杉树 桂花树 🌲 🌳 🌴 🎄"
        ),
        "grass": "草 小草",
        "mushroom": "蘑菇",
        "cactus": "仙人掌",
    },
    "object": {
        "ball": (
            "球 皮球 小球 足球 篮球 排球 球球 大球 玩具球 彩球 沙滩球 波 波波 波仔 网球 乒乓球 棒球 橄榄球 高尔夫球 弹力球 "
            "瑜伽球 圆球 球儿 小皮球 大皮球 水晶球 ⚽ 🏀 🏐"
        ),
        "umbrella": "伞 雨伞 阳伞 遮阳伞 太阳伞 小伞 油纸伞 洋伞 遮 雨遮 缩骨遮 折叠伞 透明伞 花伞 遮雨伞 大伞 晴雨伞 ☂ ☔ 🌂",
        "balloon": "气球 波波球 🎈",
        "cup": "杯子 杯 水杯 茶杯 马克杯 咖啡杯 茶缸 玻璃杯 保温杯 口杯 酒杯 奶茶杯 ☕",
        "bottle": "瓶子 酒瓶 水瓶 樽 水樽",
        "vase": "花瓶",
        "book": "书 书本 书籍 📖",
        "chair": "椅子 凳子 椅 凳 板凳 小凳 小板凳 座椅 靠椅 木椅 餐椅 藤椅 转椅 摇椅 折叠椅 高脚凳 太师椅 椅仔 小椅子 沙滩椅 🪑",
        "table": "桌子 茶几 台 餐桌 书桌 饭桌",
        "sofa": "沙发 梳化",
        "bed": "床 床铺 大床",
        "bench": "长椅",
        "lamp": "灯 台灯 路灯 台灯儿 灯泡 吊灯 电灯 落地灯 💡",
        "clock": "钟 闹钟 时钟",
        "phone": "手机 电话 手提电话 📱",
        "computer": "电脑 笔记本电脑 显示器 屏幕 笔电 计算机 💻",
        "camera": "相机 照相机 单反 📷",
        "guitar": "吉他",
        "backpack": "背包 书包 包 书包儿 背囊",
        "suitcase": "行李箱 行李 旅行箱 喼",
        "trash can": "垃圾桶 垃圾箱",
        "utility pole": "电线杆",
        "sign": "路牌 牌子 招牌",
        "snowman": "雪人 ⛄",
        "robot": "机器人 机械人 🤖",
        "teddy bear": "玩具熊 泰迪熊 啤啤熊 公仔熊 熊公仔 布偶熊 玩偶熊 🧸",
        "statue": "雕像 雕塑",
        "kite": "风筝",
        "gift": "礼物 礼盒 🎁",
    },
    "food": {
        "cake": "蛋糕 生日蛋糕 西饼 奶油蛋糕 小蛋糕 纸杯蛋糕 慕斯 慕斯蛋糕 巧克力蛋糕 草莓蛋糕 芝士蛋糕 千层蛋糕 大蛋糕 🎂 🍰 🧁",
        "apple": "苹果",
        "orange": "橙子 橘子 柳丁",
        "banana": "香蕉",
        "strawberry": "草莓 士多啤梨",
        "watermelon": "西瓜",
        "pizza": "披萨 比萨 薄饼 🍕",
        "hamburger": "汉堡 汉堡包 🍔",
        "noodles": "面条 面",
        "ice cream": "冰淇淋 冰激凌 雪糕 雪条 冰棍 冰棒 霜淇淋 🍦",
        "coffee": "咖啡",
        "bread": "面包 面包仔 🍞",
        "dumplings": "饺子 包子",
    },
    "sky": {
        "moon": "月亮 🌙",
        "sun": "太阳 日头 ☀",
        "star": "星星 ⭐ 🌟",
        "cloud": "云 云朵 白云 ☁",
        "rainbow": "彩虹 🌈",
    },
}

# Words for a group of kinds: any of them may be meant.
ANY: dict[tuple[str, ...], str] = {
    ("girl", "boy"): (
        "人 路人 行人 人物 孩子 小孩 小朋友 小孩子 家伙 朋友 同学 同事 宝宝 娃 娃娃 老人 游客 大人 小家伙 他 她 他们 她们 "
        "我 我们 咱们 自己 本人 某人 大家 宝贝 熊孩子 小盆友 人家 细路 细路仔 细蚊仔 bb 阿bb 小屁孩 娃儿 小娃娃 人儿 真人 "
        "模特 主人公 佢 佢哋 男女 大人物 行人们 群众 吃瓜群众 小人 小可爱"
    ),
    ("cat", "dog", "rabbit"): "动物 小动物 宠物 毛孩子 萌宠 毛球 毛茸茸 小家宠 萌物 小萌宠",
    (): "它 它们 东西 物体 这个 那个 主体 主角 物品 玩意 玩意儿 他它",
}

COLORS: dict[str, str] = {
    "red": "红 红色 大红 大红色 朱红 鲜红 酒红 中国红 通红 红彤彤 砖红 枣红 玫瑰红 血红 火红 铁锈红 红红",
    "orange": "橙 橙色 橘色 橘黄 橘红 橙红 桔色 桔黄 桔红 橘 蜜桔色",
    "yellow": "黄 黄色 金黄 明黄 鹅黄 金黄色 黄黄 柠檬黄 姜黄 杏黄 土黄 嫩黄 奶黄 黄澄澄",
    "green": "绿 绿色 草绿 翠绿 墨绿 军绿 嫩绿 绿油油 原谅色 薄荷绿 湖绿 青绿 荧光绿 橄榄绿 豆绿 碧绿 浅绿 深绿 抹茶绿 翠",
    "blue": "蓝 蓝色 天蓝 湖蓝 深蓝 浅蓝 宝蓝 天蓝色 海蓝 藏蓝 藏青 湖水蓝 蔚蓝 克莱因蓝 海军蓝 牛仔蓝 靛蓝 蓝蓝 淡蓝 天空蓝",
    "purple": "紫 紫色 紫罗兰色 深紫 淡紫 香芋紫 葡萄紫 薰衣草紫 浅紫 紫红 紫紫",
    "pink": "粉 粉色 粉红 粉红色 桃红 粉嫩 玫红 樱花粉 藕粉 少女粉 芭比粉 死亡芭比粉 浅粉 粉粉 粉红粉红",
    "black": "黑 黑色 漆黑 乌黑 纯黑 黑漆漆 墨黑 黑黑 纯黑色 炭黑 黑魆魆",
    "white": "白 白色 雪白 纯白 乳白 白白 洁白 米白 米色 奶白 白花花 象牙白 雪白色 纯白色",
    "gray": "灰 灰色 银灰 深灰 灰灰 灰白 烟灰 灰蒙蒙",
    "brown": "棕 棕色 褐色 咖啡色 咖色 栗色 茶色 啡 啡色 卡其 卡其色 驼色 焦糖色 巧克力色 深棕 棕褐色",
    "gold": "金 金色 黄金 土豪金 金灿灿 香槟金 金闪闪 玫瑰金",
    "silver": "银 银色 银白 银闪闪 银灰色",
    "cyan": "青 青色 天青 青绿色 蓝绿 蓝绿色 蒂芙尼蓝",
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

PERSONS = frozenset(GROUPS["person"])

# What things look like when nobody says a colour: not the first of a list, nor that of the clothes of whom they replace.
NATURAL_COLORS: dict[str, str] = {
    "cat": "yellow", "dog": "yellow", "rabbit": "white", "bear": "black", "bird": "blue", "flower": "pink", "tree": "green",
    "boat": "white", "cake": "pink", "house": "yellow", "monster": "green",
}  # fmt: skip

NEAR_COLORS: dict[str, tuple[str, ...]] = {
    "orange": ("yellow", "red"),
    "gray": ("white", "black"),
    "brown": ("black", "red"),
    "gold": ("yellow",),
    "silver": ("white",),
    "cyan": ("blue", "green"),
}

SETTINGS: dict[str, str] = {
    "beach": (
        "海边 沙滩 海滩 海滨 海岸 大海 海 海边沙滩 海南 三亚 马尔代夫 海景 沙滩边 海滩边 沙子 海边儿 海滨浴场 沙滩上 海岛 "
        "海面 大海边 沙滩海边 海旁 beach 🏖 🌊"
    ),
    "grass": (
        "草地 草坪 草原 草丛 大草原 草坪地 绿地 青草地 公园 田野 郊外 野外 山坡 草场 草地上 青草 草坪上 绿草地 草坡 牧场 "
        "庭院 院子 草皮 大草坪"
    ),
    "snow": (
        "雪地 雪 雪景 雪里 雪中 冰天雪地 雪原 大雪 下雪 冬天 雪天 雪山 雪山前 滑雪场 东北 雪地里 冰雪 冰雪世界 南极 北极 "
        "冬季 雪乡 冰天雪地里 冰原 ❄ 落雪"
    ),
    "night": (
        "夜晚 夜景 城市夜景 夜里 晚上 夜色 霓虹 都市夜景 城市 夜晚的城市 夜晚城市 城市的夜晚 都市 外滩 夜市 夜间 半夜 "
        "深夜 黑夜 城市的夜晚里 夜都市 夜市里 街头夜景 维港 维港夜景 东京夜景 上海外滩 夜店 🌃"
    ),
    "room": "房间 房里 屋里 室内 屋内 房间里 家里 家中 房内 房中 屋里头 小房间 屋子里 宿舍 房间内 room",
    "desert": "沙漠 戈壁 大沙漠 沙丘 大漠 撒哈拉 戈壁滩 沙漠里 敦煌 荒漠 desert 🏜",
    "lake": "湖 湖边 湖面 湖上 湖泊 湖水 河边 江边 水边 水面 池塘 西湖 湖畔 河畔 湖中 塘边 lake",
}

# People who happened to be there.
PASSERS = "路人 行人 游客 路人甲 路过的人 闲人 背景里的人 背景的人 后面的人 背后的人 身后的人"

# Where an open world may be put; a closed one has the nearest setting (NEAR_SETTINGS).
PLACES: dict[str, str] = {
    "on the moon": "月球 月球表面 月亮上",
    "in a forest": "森林 树林 竹林 丛林 林子里",
    "in the mountains": "山里 山上 高山 山顶 大山",
    "in space": "太空 宇宙 星空 银河 外太空",
    "in an office": "办公室 公司 写字楼",
    "in a classroom": "教室 课室 课堂 学校",
    "in a library": "图书馆",
    "in a kitchen": "厨房 灶台",
    "in a living room": "客厅 大厅 厅里",
    "in a bedroom": "卧室 睡房 闺房",
    "in a cafe": "咖啡馆 咖啡厅 咖啡店",
    "on a street": "街上 街道 街头 马路 大街 街边",
    "in a garden": "花园",
    "under water": "海底 水下",
    "in front of the great wall": "长城",
    "in front of the eiffel tower": "埃菲尔铁塔",
    "in front of a castle": "城堡前",
    "at sunset": "夕阳 日落 晚霞 黄昏",
    "in the rain": "雨中 下雨 雨天 雨里",
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

STYLE_WORDS: dict[str, str] = {"photo": "照片 真实 写实 原样 真人 现实 实拍 相片 写真"}

# What can be said of a thing: slot → English value (or a word in it) → Chinese.
SLOTS: dict[str, dict[str, str]] = {
    "hair": {
        "long": "长发 长头发 披肩发 长长的头发 大长发 长直发 黑长直 长毛",
        "short": "短发 短头发 寸头 平头 板寸 学生头 波波头 bob头 蘑菇头",
        "curly": "卷发 卷头发 卷毛 波浪卷 爆炸头 羊毛卷 烫发 大波浪 卷卷头 卷卷毛 烫头 泡面头 鬈发 羊毛卷头",
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
    "pattern": {
        "striped": "条纹 条纹衫 横纹 海魂衫 条条 斑马纹 横条 竖条 间条 条纹的",
        "dotted": "波点 圆点 斑点 点点 波波点 豹纹 波点裙 点状",
    },
    "accessory": {
        "glasses": "眼镜 墨镜 太阳镜 眼镜框 近视镜 框架眼镜 黑框眼镜 圆框眼镜 太阳眼镜 黑超 眼镜儿 👓 🕶",
        "hat": (
            "帽子 帽 草帽 圣诞帽 棒球帽 礼帽 鸭舌帽 遮阳帽 贝雷帽 渔夫帽 小帽子 生日帽 cap帽 牛仔帽 毛线帽 厨师帽 女巫帽 "
            "巫师帽 小红帽 安全帽 帽仔 👒 🎩 🧢"
        ),
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
    "expression": {
        "": "面无表情 没表情 没有表情 平静 严肃 冷漠 冷静 别笑 不笑 不要笑 别哭 不哭 不要哭 别生气 冷脸 扑克脸 正经",
        "happy": (
            "笑 微笑 大笑 开心 高兴 快乐 笑脸 笑一笑 笑一个 笑一下 笑笑 笑起来 笑容 笑眯眯 笑嘻嘻 笑呵呵 笑哈哈 傻笑 偷笑 "
            "甜笑 憨笑 咧嘴笑 开怀大笑 哈哈大笑 眉开眼笑 喜笑颜开 喜悦 欢喜 欢乐 幸福 兴奋 得意 乐呵呵 乐开花 嘴角上扬 "
            "露出笑容 喜 乐 好开心 开开心心 高高兴兴 阳光 happy smile 😀 😃 😄 😁 😆 😊 🙂 😂 🤣"
        ),
        "sad": (
            "哭 大哭 哭脸 难过 伤心 悲伤 流泪 哭泣 委屈 忧伤 忧郁 沮丧 失落 不开心 唔开心 不高兴 掉眼泪 流眼泪 眼泪 泪流满面 "
            "泪 emo 悲 难受 苦脸 苦瓜脸 哭唧唧 哭哭 哭一哭 哭起来 哭出来 痛哭 愁 愁眉苦脸 郁闷 可怜 可怜巴巴 伤感 哀伤 悲哀 "
            "sad 😢 😭 😞 🙁 ☹"
        ),
        "angry": (
            "生气 愤怒 发火 发怒 恼火 怒 气鼓鼓 怒气冲冲 火大 嬲 嬲爆爆 暴怒 气呼呼 发脾气 凶 凶巴巴 瞪眼 怒视 板着脸 皱眉 "
            "皱眉头 炸毛 气愤 生气脸 气炸 抓狂 不爽 angry 😠 😡 🤬"
        ),
        "surprised": (
            "惊讶 吃惊 惊 惊喜 震惊 惊呆 惊呆了 目瞪口呆 吓一跳 惊吓 惊恐 诧异 意外 错愕 张大嘴 张大嘴巴 张嘴 张开嘴 瞪大眼睛 "
            "懵 懵逼 傻眼 吓到 惊奇 讶异 惊愕 o嘴 大吃一惊 吓呆 惊到 surprised 😮 😲 😯 😱"
        ),
        "sleepy": (
            "困 想睡 困倦 犯困 睡着 睡着了 睡觉 打瞌睡 瞌睡 打哈欠 哈欠 疲倦 疲惫 累 好累 累了 眼困 瞓 眼瞓 打盹 闭眼 闭上眼 "
            "闭上眼睛 闭着眼 睡 困了 睡眼惺忪 没精神 昏昏欲睡 好困 sleepy 😪 😴 🥱"
        ),
    },
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

# Parts of a thing that a phrase may name: slot that holds it → Chinese.
PARTS: dict[str, str] = {
    "hair_color": "头发 发色 发 发型 秀发 毛发 头毛 发丝 头发颜色",
    "color": (
        "衣服 裙子 连衣裙 衬衫 上衣 外套 t恤 T恤 衣裳 短袖 旗袍 毛衣 裙 衣 西装 卫衣 长裙 衣着 服装 球衣 汉服 夹克 羽绒服 "
        "大衣 衫 褛 上衫 恤衫 背心 马甲 制服 校服 礼服 婚纱 睡衣 短裙 百褶裙 裙子儿 袍子 长袍 风衣 棉袄 皮衣 皮夹克 "
        "运动服"
    ),
    "expression": "表情 神情 神态 脸 面部 面部表情 脸部 脸色 脸部表情 心情 情绪",
}

# Words that say nothing about what is drawn.
FILLERS = (
    "的 了 着 嘅 呢 嗰 喺 啲 咗 仲 两 个 只 条 位 把 朵 辆 架 部 艘 棵 盏 枚 栋 座 顶 副 件 头 匹 颗 那 这 一 小 大 老 胖 瘦 戴 穿 有 长 长着 留 "
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
