"""Sentences of the second schema by templates: what the reader is trained on besides those that people wrote.

A template is an operation, its content (``""``: none, ``{c}``: what fills the pattern) and patterns. ``{t}`` is filled with
things, ``{x}`` with words to print, and around it all come politeness, comments and other orders, as people put them. The
same seed gives the same sentences.
"""

import random
from collections.abc import Iterator
from typing import Any


def listed(line: str) -> list[str]:
    """The words of a line."""
    return line.split()


THINGS = listed(
    "脸 人脸 人物 背景 天空 猫 狗 小狗 花 衣服 裙子 头发 孩子 女儿 爷爷 奶奶 前面的人 左边的女生 右边那个人 后面的墙 桌子 蛋糕 车 树 沙滩 海面 山 建筑 屋顶 手 新娘 宝宝 我 我妈 他 阴影 暗部"
)
BEINGS = listed(
    "猫 狗 人 小狗 女孩 男孩 我 他 她 孩子 宝宝 产品 杯子 包 鞋子 人物 主体 头像 蛋糕 花 车 我妈 爷爷 logo 手办 小红 中间的人 左边的女生"
)
SECRETS = listed(
    "脸 人脸 车牌 车牌号 手机号 名字 姓名 身份证号 号码 二维码 头像 地址 路人的脸 孩子的脸 后面的人脸 门牌号 微信号 工牌 卡号 聊天记录里的名字 邮箱 电话 logo 校徽 我的脸 他的脸"
)
WORDS = listed(
    "生日快乐 毕业快乐 新年快乐 我爱你 早安 晚安 加油 永远的朋友 2024.6.1 一家人 旅行日记 周末愉快 打工人 love 全家福 三周年快乐 我们结婚啦 平安喜乐 恭喜发财 @小鹿 暴富 十八岁 初二三班 北京欢迎你 摄于2019 好好学习 团建留念 夏天的风"
)
RATIOS = listed("正方形 1:1 3:4 4:3 16:9 9:16 方形 方的 竖版 横版 2:3 竖屏 一比一 三比四")
STAYS = listed(
    "左边两个 左边两个人 中间那个人 上半身 我 猫 前排 脸 右边的人 头部 这只狗 主角 前面三个 上半部分 半身 中间部分 我和他 合影的人"
)
EDGES = listed("左边 右边 上面 下面 四周 边缘 右边那块 上面的空白 下面那截 旁边多余的 两边 白边 黑边 左边那半 底下")
SIZES = listed("一寸 二寸 两寸 小二寸 1寸 2寸 标准 护照 签证 简历 一寸的 身份证")
GROUNDS = listed("白底 蓝底 红底 白色背景 蓝色底 灰底 浅蓝底 红色背景 底色白色")
PLACES = listed("左上角 右上角 左下角 右下角 上面 下面 中间 顶部 底部 左边 右边 照片上 图上 天空上 空白处")
PAIRS = listed(
    "我和他 猫和狗 爸爸和妈妈 左边的和右边的 新郎和新娘 我跟小红 前面两个人 小明跟小红 姐姐和妹妹 红衣服的和蓝衣服的 两只猫 他俩 椅子和桌子 我和旁边的人 老师和校长"
)
STYLES = listed(
    "王家卫 港片 韩剧 日剧 法式 多巴胺 美拉德 Y2K ins 宝丽来 富士 胶片 徕卡 莫兰迪 北欧 中古 废土 蒸汽波 洛可可 哥特 童话 绘本 皮克斯 迪士尼 敦煌 浮世绘 乐高 毛毡 刺绣 诺兰 赛璐璐 日杂 国潮 新中式 暗黑 极简 森系 甜酷 千禧 老钱 侘寂 孟菲斯 芭比 大片 电影 氛围 高级 松弛 CCD 拍立得 故事 末日"
)

# operation, content, patterns
TEMPLATES: tuple[tuple[str, str, str], ...] = (
    ("adjust", "brighter", "调亮|调亮一点|提亮|亮一点|亮点|弄亮些|提高亮度|亮度调高|亮度加一点|增加曝光|曝光高一点|拉亮|打亮一点|把{t}调亮|{t}提亮一点|{t}亮一点|把{t}弄亮|提亮{t}|{t}太暗了,提亮|拍得太暗了,调亮点|黑乎乎的,亮一些|太黑了看不清,提亮一下|让{t}亮起来一点"),
    ("adjust", "darker", "调暗|调暗一点|压暗|暗一点|暗点|弄暗些|降低亮度|亮度调低|曝光低一点|降点曝光|把{t}调暗|{t}压暗一点|{t}暗一点|太亮了,调暗些|过曝了压一下|高光压一压"),
    ("adjust", "contrast", "对比度拉高|加强对比|对比度高一点|增加对比度|提高对比|反差大一点|对比调强|灰蒙蒙的,加点对比度"),
    ("adjust", "warmer", "调暖|色调暖一点|暖色调|调成暖色|弄得暖一点|色温调高|偏暖一点|改成暖色调|颜色暖些|温暖一点的色调|往暖调|太冷了,调暖点"),
    ("adjust", "cooler", "调冷|色调冷一点|冷色调|调成冷色|色温低一点|偏冷一点|改成冷调|太黄了,调冷点|去黄|往冷了调"),
    ("adjust", "vivid", "鲜艳一点|颜色鲜艳些|饱和度高一点|提高饱和度|加点饱和度|色彩浓郁一点|颜色更鲜亮|调鲜艳|让{t}更鲜艳|{t}颜色艳一点|饱和度拉满"),
    ("adjust", "muted", "饱和度低一点|降低饱和度|颜色淡一点|调淡一点|颜色素一点|别那么艳|去点饱和度|色彩柔和一点|太艳了,饱和度降点"),
    ("adjust", "sharper", "锐化|锐化一下|锐度高点|锐利一点|加点锐度|{t}锐化一下|{t}清晰一点|让{t}更清楚|边缘锐一点"),
    ("adjust", "denoise", "降噪|降个噪|去噪点|去一下噪|噪点去掉|噪点太多了处理一下|颗粒感去掉|去除噪点|消除噪点"),
    ("adjust", "auto", "自动调色|一键优化|调个色|优化一下光线|帮我修一下光|自动美化|颜色校正一下|智能优化|调一调颜色|调调色|光线优化一下|随便调调颜色|一键增强|白平衡调一下"),
    ("adjust", "grayscale", "黑白|变黑白|转成黑白|弄成黑白的|改黑白照|做成黑白照片|来张黑白|调成黑白色|黑白效果|整黑白"),
    ("adjust", "colorize", "上色|上个色|黑白照片上色|给黑白照上色|变成彩色|给老照片上个色|还原颜色|黑白变彩色|着色|把这张黑白的上个颜色"),
    ("adjust", "relight", "补光|补个光|给{t}补光|{t}打个光|打点柔光|重新打光|加点光|光线打柔一点|打个侧光|给{t}打光"),
    ("crop", "{c}", "裁成{ratio}|裁剪成{ratio}|剪成{ratio}|裁个{ratio}|改成{ratio}比例|截成{ratio}|裁成{ratio}的|按{ratio}裁|{ratio}的头像|裁为{ratio}|只留{stay}|只保留{stay}|就要{stay}|只要{stay}部分|留下{stay}|截取{stay}|单独留{stay}|把{edge}裁掉|{edge}裁掉|裁掉{edge}|{edge}裁一点|{edge}切掉|切掉{edge}|{edge}多余的剪了|裁一裁{edge}"),
    ("crop", "", "裁剪一下|裁一下|帮忙裁一裁|裁小点|重新裁剪|裁个好看的构图"),
    ("rotate", "straighten", "摆正|扶正|照片歪了,摆正|拉直|转正|拍歪了|有点斜,调正|校正水平|地平线拉平|水平线校正一下|矫正一下角度|歪的,弄直|斜了给扶正|透视校正|正过来"),
    ("rotate", "mirror", "镜像|镜像翻转|左右翻转|水平翻转|左右反过来|做个镜像|翻转一下|自拍反了镜像回来|反转一下左右"),
    ("rotate", "half", "上下翻转|倒过来|转180度|旋转180°|图倒了,转过来|颠倒一下|上下颠倒|转一百八十度|垂直翻转"),
    ("rotate", "right", "向右转|右转90度|顺时针转90度|往右旋转|顺时针旋转一下|向右旋转90°|右旋|朝右转一下"),
    ("rotate", "left", "向左转|左转90度|逆时针转90度|往左旋转|逆时针旋转一下|向左旋转90°|左旋|朝左转一下"),
    ("id_photo", "{c}", "做张{size}证件照|{size}证件照|做个{size}照,{ground}|{size}{ground}|来张{size}照片|生成{size}证件照{ground}|p成{size}照片|{ground}{size}照|要{size}的证件照|改成{size}证件照{ground}|用这张做{size}照"),
    ("id_photo", "", "做证件照|生成证件照|做张证件照,{ground}|弄成证件照|来个{ground}证件照|帮我做个职业照|做报名照片|证件照来一张|登记照{ground}|制作标准证件照"),
    ("upscale", "", "变清晰|变高清|高清一点|清晰一点|清楚一点|修清晰|提高清晰度|提升画质|画质修复|提高分辨率|放大不糊|无损放大|超清|4k高清|太糊了,变清晰|拍糊了能救吗|模糊的变清楚|去模糊|高清修复|分辨率提上去|像素高一点|糊得不行,修清楚|弄清楚点|放大两倍|画质变好"),
    ("restore", "", "修复老照片|老照片修复|老照片翻新|修复一下这张旧照片|把划痕修掉|折痕去掉|破损的地方补上|照片发黄了修一修|泛黄褪色修复一下|翻新一下|旧照片复原|爷爷的老照片,修修|这张老照片破了,修复|霉斑处理掉|裂痕修好|帮奶奶把这张旧相片修好"),
    ("extend", "", "扩图|扩展画面|外扩一圈|四周扩一点|左右扩一下|往外扩|补全四周|画面扩大|把背景补全|扩成横版|扩成16:9|扩图一下|上下左右都扩点|延伸一下画面|画布扩大点|头顶太挤了,往上扩|脚没拍全,往下补全|右边扩一截|上面再扩展一些|左右补一点画面|把边上补出来"),
    ("beautify", "{c}", "{beauty}|{beauty}一下|给{who}{beauty}|{who}{beauty}一下|帮我{beauty}|做个{beauty}|{beauty}处理|轻微{beauty}|{beauty}自然点|{blemish}淡一点|{blemish}淡化|{who}的{blemish}淡一些|{blemish}少一点|皮肤{skin}一点|脸{face}一点|把脸p{face}|{who}的脸{face}一点|皮肤弄{skin}|牙齿白一点|眼睛大一点|眼睛放大|下巴尖点|红眼去掉|去红眼|修一下红眼"),
    ("cutout", "", "抠图|抠个图|把{b}抠出来|{b}抠出来|抠{b}|{b}抠图|透明底|做成透明背景|要透明的png|去底|背景透明|抠成png|单独把{b}抠下来|{b}单独抠出来|免抠图|去背景只留{b}|扣个图|扣图|把{b}扣出来|抠出{b}发我"),
    ("mosaic", "", "{s}打码|给{s}打码|把{s}打上马赛克|{s}打个马赛克|遮住{s}|{s}遮一下|把{s}糊掉|{s}模糊处理|{s}涂黑|{s}挡住|打码|打个码|马赛克处理一下{s}|{s}给我盖住|模糊一下{s}|{s}遮挡一下|把{s}抹花"),
    ("text", "{c}", "写上{x}|加上文字{x}|加字:{x}|配文字“{x}”|{place}写上{x}|在{place}加一行字{x}|{place}打上{x}几个字|加个标题:{x}|写几个字:{x}|加文字 {x}|印上“{x}”|图上写{x}|{place}加个水印{x}|p上字“{x}”|配个文案:{x}|题字{x}|加字幕:{x}|打上日期{x}|写一句{x}|{place}放几个大字:{x}|加红色的字“{x}”|用白色写上{x}"),
    ("collage", "", "拼图|拼成一张|拼一起|九宫格|做成九宫格|左右拼一下|上下拼接|拼长图|合成一张图|四宫格|横着拼|拼在一起|并排放一起|做个拼图|把这几张拼起来|拼个对比图|三张拼一张|长图拼接"),
    ("swap", "", "{pair}换个位置|把{pair}位置互换|{pair}对调|{pair}调换一下位置|让{pair}换位置|{pair}互换位置|{pair}的位置换一下|交换{pair}的位置|{pair}左右互换"),
    ("face_swap", "", "换脸|把我的脸换到{b}身上|{b}的脸换成我的|把{b}的脸换成小明|给{b}换张脸|{pair}换脸|{pair}的脸互换|用我的脸换{b}的脸|把我的头p到{b}身上|脸换成小红的|把我的脸放到{b}脸上|换成我的脸"),
    (
        "remove",
        "",
        "去掉{somebody}|把{somebody}去掉|删掉{somebody}|删除{somebody}|{somebody}P掉|把{somebody}P了|去除{somebody}|擦掉{somebody}|{somebody}去掉|让{somebody}消失|移除{somebody}|抹掉{somebody}|{somebody}弄没|不要{somebody}|把{somebody}抠掉|清除{somebody}|{somebody}删了|除了{somebody}其他人都去掉|所有{junk}都去掉|{junk}都P掉",
    ),
    (
        "replace",
        "{new}",
        "把{somebody}换成{new}|{somebody}换成{new}|{somebody}变成{new}|用{new}替换{somebody}|将{somebody}替换为{new}|{somebody}改成{new}|{somebody}换{new}",
    ),
    (
        "recolor",
        "",
        "把{worn}变成{color}|{worn}改成{color}|{worn}换成{color}的|{worn}染成{color}|{worn}改{color}|{somebody}的{worn}变成{color}|把{somebody}的{worn}改成{color}|{worn}弄成{color}",
    ),
    (
        "modify",
        "{wear}",
        "给{somebody}戴上{wear}|给{somebody}加个{wear}|让{somebody}戴{wear}|{somebody}戴个{wear}|给{somebody}戴一顶{wear}|给{somebody}穿上{wear}",
    ),
    ("modify", "{act}", "让{somebody}{act}|{somebody}{act}一点|让{somebody}{act}一下|把{somebody}弄得{act}|{somebody}变{act}"),
    (
        "insert",
        "{new}",
        "在{place}加{new}|{place}加个{new}|加{new}在{place}|把{new}加到{somebody}旁边|在{somebody}左边加个{new}|{somebody}旁边放{new}|把{new}P到{place}|让{new}站在{somebody}右边|再加{new}|{somebody}身边加个{new}",
    ),
    ("move", "", "把{somebody}移到{place}|{somebody}往左移一点|让{somebody}站中间|{somebody}挪到{place}|把{somebody}放到最右边|{somebody}往前来一点"),
    ("background", "{scene}", "背景换成{scene}|把背景改成{scene}|换{scene}背景|{scene}背景|背景要{scene}|把我们放到{scene}|背景P成{scene}|换个{scene}的背景"),
    ("restyle", "{c}", "改成{style}风|{style}风格|来个{style}风|{style}感|弄成{style}风格|换{style}风|整个{style}感|做成{style}那种风格|想要{style}风|变{style}风|{style}风来一张|{style}质感|走{style}风|p成{style}风|来点{style}感"),
    ("remove", "", "{junk}太碍眼了|{junk}好烦|这个{junk}好丑|{junk}抢镜了|要是没有{junk}就好了|要是没这个{junk}多好|{junk}能消失吗|{junk}好煞风景|后面的{junk}有点乱|没有{junk}就完美了|{junk}太抢眼|{junk}别要|{junk}挡住了|旁边那{junk}太多余|不想看到{junk}"),
)  # fmt: skip
FILL = {
    "somebody": listed(
        "左边第二个人 第二个人 第三个女生 左边那个人 右边的男生 最右边的人 最左边的女生 中间那位 后面的人 前排左三 右边第三个人 倒数第二个 穿红衣服的女生 穿黑衣服的人 戴眼镜的男生 戴帽子的小孩 右下角那个人 左边两个人 "
        "后排中间的同学 第一个人 最后一个人 左一 右二 从左数第三个 那个小孩 我 我妈 他 她 小明 小红 我旁边的人 站着的那个 坐着的老人 短头发的女生 长头发的 拿手机的人 左边的猫 右边那只狗 中间的大叔 新娘 背对镜头的人 穿条纹衫的"
    ),
    "new": listed("小明 小红 一只猫 狗 兔子 老虎 气球 彩虹 蛋糕 一束花 红灯笼 圣诞树 钢铁侠 熊猫 机器人 小朋友 我朋友 一把伞 月亮 一架飞机 恐龙 奶奶 雪人 月季"),
    "worn": listed("衣服 裙子 外套 帽子 头发 鞋子 裤子 领带 围巾 嘴唇 包 车 沙发 墙 窗帘 伞 旗袍 毛衣 书包 指甲 眼睛 口红"),
    "color": listed("红色 蓝色 绿色 黑色 白色 粉色 紫色 黄色 灰色 棕色 金色 酒红色 天蓝色 米色"),
    "wear": listed("帽子 墨镜 圣诞帽 皇冠 口罩 围巾 草帽 眼镜 蝴蝶结 耳环 领结 学士帽 西装 汉服 婚纱 猫耳朵"),
    "act": listed("笑 笑起来 睁开眼睛 闭眼 年轻 老 瘦 高 看镜头 生气 开心 哭 胖 站直 抬头 比耶"),
    "scene": listed("海边 雪山 草地 星空 教室 埃菲尔铁塔 白色 纯色 蓝天白云 樱花树下 故宫 太空 城市夜景 沙漠 森林 办公室 咖啡馆 舞台"),
    "t": THINGS, "b": BEINGS, "s": SECRETS, "x": WORDS, "ratio": RATIOS, "stay": STAYS, "edge": EDGES, "size": SIZES,
    "ground": GROUNDS, "place": PLACES, "pair": PAIRS, "style": STYLES,
    "beauty": listed("磨皮 美颜 美白 瘦脸 祛痘 祛斑 磨皮美白 瘦瘦脸 美个颜 磨个皮 大眼瘦脸 除皱 去双下巴 嫩肤 修皮肤 瘦个脸 美个白"),
    "blemish": listed("皱纹 黑眼圈 法令纹 眼袋 雀斑 痘印 鱼尾纹 毛孔 细纹 斑 双下巴 痘痘"),
    "skin": listed("白 光滑 细腻 嫩 白皙 通透 好 干净 紧致"), "face": listed("小 瘦 尖 白 瘦小 小巧"),
    "who": listed("我 我妈 她 新娘 左边的女生 我姐 女生 中间的 妈妈 奶奶 模特 宝宝 我闺女 右边的人"),
    "junk": listed("电线 垃圾桶 路人 水印 广告牌 logo 电线杆 人 影子 栏杆 车 招牌 日期 塑料袋 杂物 反光 手指 自行车 空调外机 插座 烟头 游客 背影 标志 胶带"),
}  # fmt: skip
BEFORE = listed(
    "帮我 帮忙 麻烦 能不能 可以 请 把这张照片 这张 给我 能帮我 可不可以 拜托 帮我把图 想 我想 再 照片 这张图 你好, 在吗,帮我 亲, 大佬 师傅 求 能 请帮我 这张照片 顺便 先 快 那就"
)
BEHIND = listed(
    "吧 一下 呗 谢谢 谢谢啦 可以吗 好吗 行不行 啊 嘛 哈 呀 一下吧 🙏 ~ !! 。 拜托 就行 就好 吗 ,谢谢 ,急 ,在线等 ,我要发朋友圈 ,太难看了 ,辛苦了 ,我妈要用 ,发抖音 ,打印用 ,别太假 ,自然一点 ,爱你 ,做头像 😂 哈哈"
)
TALK = [
    "昨天聚会拍的,",
    "我闺蜜拍的,",
    "手机拍的不太好,",
    "好不容易凑齐一次,",
    "这是我们全家福,",
    "明天要用,",
    "老板催得紧,",
    "毕业照,",
    "拍得真不咋地,",
    "终于找到这张了,",
    "不好意思打扰了,",
    "婚礼上拍的,",
    "爷爷八十大寿,",
    "旅游照,",
    "刚才那个,",
    "嗯,",
    "哈喽,",
    "这张我挺喜欢的,",
    "求助,",
    "宝宝百天,",
    "",
]

# Talk, questions, complaints and sights in the words of orders; "beyond" are orders that the schema has no word for.
OTHERS: tuple[tuple[str, str], ...] = (
    ("question", "{can}{do}吗|{can}不{can}{do}|{can}{do}不|你{can}{do}吗|你们{can}{do}不|这个{can}{do}吗|{can}帮忙{do}吗你|请问{can}{do}吗|有没有{do}的功能|你会{do}不|支持{do}吗|{do}你会吗|{do}要钱吗|{do}收费不|{do}一次多少钱|{do}要多久|{do}会不会很慢"),
    ("question", "{mine}会{leak}吗|{mine}会不会{leak}|你会把{mine}{leak}吗|{mine}不会{leak}吧|{mine}存多久|{mine}存在哪|谁能看到{mine}|{mine}安全吗|你们怎么处理{mine}|{mine}会删吗|会保存{mine}吗|会不会拿{mine}去训练|你是不是把{mine}{leak}了"),
    ("question", "要钱吗|收费吗|免费的吗|怎么收费|多少钱|要充钱吗|有没有会员|一天能用几次|有次数限制吗|你是谁|你叫啥|你是机器人吗|你是人还是AI|谁开发的你|哪个公司的|你用什么模型|能改视频吗|支持动图吗|支持什么格式|图片最大多大|会压缩吗|能商用吗|会侵权吗|为什么有水印|AI生成几个字是干嘛的|为啥要加AI标识|需要联网吗|手机能用吗|有小程序吗|改坏了怎么办|原图还在吗|能撤销几步|一次能发几张|几张照片能学会一个人|会不会改到我的脸|群里人都能看到吗|你几点下班|懂英语吗|合法吗"),
    ("complaint", "{bad}|也{bad}吧|{part}{wrong}|{part}怎么{wrong}|你把{part}改了|怎么把{part}弄没了|怎么{part}也变了|不是让你改{part}|谁让你动{part}的|我没说要改{part}|{part}改得好假|{part}完全不对|{part}没去干净|{part}还在啊|{part}根本没变|把{part}P没了|{part}多了一块|{part}旁边有白边|这{part}像假的|{part}和背景不搭|你搞错了,我说的是{part}|不是{part}啊|{part}都糊了|{part}像贴上去的"),
    ("show", "{orig}|{orig}给我看看|{orig}发我|看看{orig}|把{orig}再发一下|{orig}呢|我想看{orig}|给我看一下{orig}|{orig}还有吗|再看一眼{orig}"),
    ("show", "对比一下|前后对比|给我看对比图|和原图比一比|对比图发我|看看改了哪里|跟之前对比看看|来个对比|原图和现在的对比"),
    ("beyond", "让照片动起来|做成视频|变成动图|做个gif|配个音乐|加个背景音乐|让他说话|变成3D模型|建个3D|打印出来|帮我打印|发到朋友圈|发给我妈|存到手机里|换个角度拍|从侧面看的样子|转到正面来看|让他转过身说话|把声音去掉|剪成vlog|给照片配音|翻译一下图上的字|把字翻译成英文|识别一下这是什么花|看看这是谁|算一下有几个人|给颜值打个分|看看面相|测一下年龄|提取图上的文字|OCR一下|做成PPT|做成日历|做成明信片模板|写首诗配这张图|生成朋友圈文案|做成海报排版|加个动画效果|做成live图|压缩到200k|改成jpg格式|转成pdf|改一下文件名|把拍摄时间改成去年|改下定位|做成手机壁纸尺寸打包|测一下三围|把照片变声|做成拼豆图纸|织成毛衣图案|做成头像框动效|让雪花飘起来动|加上弹幕滚动|做个表白视频|让水流动|眨眼动图"),
    ("chat", "色彩很鲜艳|{t}好亮|{t}有点黑|光线不错|拍得有点歪但挺好看|这张适合当头像吗|{t}真清晰|颜色真鲜艳|对比好强烈|灯好亮啊|{t}黑黑的好可爱|皮肤好白呀|脸好小|眼睛好大|{t}很有质感|高清的就是不一样|这滤镜不错|拍得真清楚|修得真自然|构图真好|黑白的也好看|证件照要求白底|护照照片要露耳朵|一寸照要多大|{t}拍糊了好可惜|字写得真好|这字好看|两个人换了位置|我俩站反了|他的脸好像我|长得真像|老照片真有味道|{t}都被裁掉了一半|打了码还是认得出"),
    ("chat", "我昨天{did}|{did}了好久|刚{did}完|她{did}上瘾|我朋友在学{do}|听说{do}很难|{do}真不容易|网上好多人{do}|我不会{do}|我妈天天{do}|他们店专门{do}|{do}的师傅好贵|别{do}|不用{do}|不要{do}了|先不{do}"),
    ("complaint", "{part}{fingers}了|{part}好僵硬|{part}太生硬了|{part}不像本人|{part}P得好假|{part}怎么飘着|{part}和身体不搭|越改{part}越丑|你把{part}改成啥了|好好的{part}被你改坏了|{part}边上有白边|{part}还没去掉|{part}写错了|{part}颜色不对|怎么多了个{part}|{part}呢|{part}去哪了|不是这个{part}|谁让你改{part}了|{part}太大了不协调|{part}糊成一团|看着{part}好别扭|没让你动{part}"),
    ("complaint", "边缘{rough}|接缝{rough}|过渡{rough}|抠得{rough}|{part}抠得{rough}|合成得{rough}|光线{rough}|{part}接得{rough}|{part}的边{rough}|{part}{fingers}|怎么{part}{fingers}|一点都不{good}|完全不{good}|一点也不{good}|根本不{good}|没有{good}|不{good}|太不{good}了|还是不{good}|{bad},重新弄|这效果{rough}|什么东西,{bad}|啥呀,{part}{wrong}|{part}{wrong}了都|阴影{rough}|P得{rough}"),
    ("chat", "{wish}|{wish}!|祝大家{wish}|{wish}呀|妈妈{wish}|{wish}🎂|{wish}🎉🎉"),
    ("chat", "{kaomoji}|嗯{kaomoji}|哈哈{kaomoji}|好吧{kaomoji}"),
    ("chat", "{praise}|{praise},谢谢|哇{praise}|{praise}!|嗯{praise}|{praise}不用改了|这张{praise}"),
)  # fmt: skip
OTHER_FILL = {
    "t": THINGS,
    "can": listed("能 可以 会 能够"),
    "do": listed("修老照片 换脸 抠图 做证件照 去水印 P掉路人 加人 换背景 换衣服 美颜 修视频 变高清 打码 加字 拼图 合成照片 上色 瘦脸 换发型 做表情包 去红眼 扩图 P图 修图 生成图片 识别人 裁照片 调色 磨皮 改表情 修复照片"),
    "did": listed("修照片 抠图 P图 磨皮 拍证件照 裁照片 换头像 打码 拼图 调色 修老照片 剪视频 翻相册 洗照片 画画"),
    "mine": listed("我的照片 照片 我的图 我发的图 人脸 我的脸 孩子的照片 这些照片 原图 我的信息 隐私 上传的图"),
    "leak": listed("泄露 被别人看到 传出去 拿去用 上传 公开 被保存 发到网上 卖掉 外泄"),
    "bad": listed("太假了 好丑 太丑了 好假 不像 变形了 不对 弄错了 改错了 翻车了 崩了 太差了 好奇怪 吓人 一点都不像 越改越差 不好看 不自然 什么鬼 太离谱了 不满意 不是我要的 没听懂我的意思 糊了 还不如原图 太生硬了 诡异 痕迹太明显"),
    "part": listed("脸 手 眼睛 背景 头发 衣服 狗 猫 路人 水印 颜色 腿 嘴 影子 边缘 左边的人 我朋友 帽子 身体 手指 五官 表情 字 我妈"),
    "wrong": listed("变形了 歪了 不像了 变样了 糊了 多了一个 少了一只 不见了 崩了 变色了 好奇怪 不自然 没对齐 断了 丑了"),
    "orig": listed("原图 原来那张 最开始的 上一张 上一版 第一版 第一张 前一张 改之前的 没改的 最初那张 第二版 刚才那张 雪地那张 水墨那版 之前海边那张 原片 第三张 最早那版"),
    "rough": listed("好粗糙 太生硬 很假 有锯齿 不自然 好明显 一圈白边 对不上 发虚 太突兀 像贴上去的 有痕迹 毛毛糙糙 不协调 太硬了 一坨"),
    "fingers": listed("多了一根 六个指头 两个头 少了一截 三只 重影了 叠在一起 扭曲了 断开了 没了"),
    "good": listed("好看 像 像我 像他 自然 对 真实 协调 满意 行 干净 清楚 合适"),
    "wish": listed("生日快乐 新年快乐 毕业快乐 周末愉快 节日快乐 早安 晚安 中秋快乐 圣诞快乐 恭喜恭喜 一路平安 平安喜乐"),
    "kaomoji": listed("(´▽`)ノ ^_^ orz QAQ T_T (╥﹏╥) >_< =_= (｡･ω･｡) awsl yyds emm 6666 233 🎂🎂 🌹🌹 👍👍 😂😂😂"),
    "praise": listed("刚刚好 真好看 完美 好棒 太好了 很满意 不错 挺好 正合适 漂亮 绝了 牛 厉害 可以了 就这样 喜欢 爱了 好看 赞 正好"),
}  # fmt: skip
SHOWN = {"上一张": "previous", "上一版": "previous", "前一张": "previous", "第一版": "first", "第一张": "first"}


def sentences(count: int, seed: int = 0) -> Iterator[dict[str, Any]]:
    """``count`` labelled sentences: text, concepts, photos, plan."""
    random_ = random.Random(seed)
    for _ in range(count):
        yield _order(random_) if random_.random() < 0.62 else _other(random_)


def _filled(pattern: str, fill: dict[str, list[str]], random_: random.Random) -> tuple[str, dict[str, str]]:
    held: dict[str, str] = {}
    while "{" in pattern:
        start, end = pattern.index("{"), pattern.index("}")
        name = pattern[start + 1 : end]
        word = held[name] = random_.choice(fill[name])
        pattern = pattern[:start] + word + pattern[end + 1 :]
    return pattern, held


def _one(random_: random.Random) -> tuple[str, dict[str, Any]]:
    operation, content, patterns = random_.choice(TEMPLATES)
    text, held = _filled(random_.choice(patterns.split("|")), FILL, random_)
    step: dict[str, Any] = {"operation": operation}
    if content == "{c}":
        name = next(
            (
                name
                for name in (
                    "ratio",
                    "stay",
                    "edge",
                    "x",
                    "style",
                    "beauty",
                    "blemish",
                    "skin",
                    "face",
                    "size",
                    "new",
                    "wear",
                    "act",
                    "scene",
                )
                if name in held
            ),
            "",
        )
        content = held.get(name, "")
        manner = next(
            (content + one for one in "风感" if content + one in text and content + one + "格" not in text), ""
        )
        content = manner if name == "style" and manner else content  # X风 is said so, X风格 is X
    target = next(
        (
            held[name]
            for name in ("t", "s", "junk", "b", "who", "somebody", "worn")
            if name in held and operation not in ("crop", "swap", "face_swap")
        ),
        None,
    )
    return text, step | ({"content": content} if content else {}) | ({"target": target} if target else {})


def _order(random_: random.Random) -> dict[str, Any]:
    text, step = _one(random_)
    steps = [step]
    if random_.random() < 0.12:
        more, other = _one(random_)
        text += random_.choice([",", ",再", ",然后", " ", ",顺便", "再", ",最后", "+"]) + more
        steps.append(other)
    text = _put(text, random_)
    return {
        "text": text,
        "concepts": [name for name in ("小明", "小红") if name in text],
        "photos": 1,
        "plan": {"intent": "edit", "steps": steps},
    }


def _put(text: str, random_: random.Random) -> str:
    if random_.random() < 0.35:
        text = random_.choice(BEFORE) + text
    if random_.random() < 0.35:
        text += random_.choice(BEHIND)
    return random_.choice(TALK) + text if random_.random() < 0.12 else text


def _other(random_: random.Random) -> dict[str, Any]:
    intent, patterns = random_.choice(OTHERS)
    text, held = _filled(random_.choice(patterns.split("|")), OTHER_FILL, random_)
    if random_.random() < 0.25:
        text += random_.choice(listed("啊 呀 呢 哈哈 😂 吧 🙏 !! … 😭 诶 啦 嘛"))
    if intent in ("question", "complaint") and random_.random() < 0.15:
        text = random_.choice(listed("请问 我说 那个 话说 你好, 哎 不是 额 等下,")) + text
    plan: dict[str, Any] = {"intent": "edit" if intent == "beyond" else intent}
    if intent == "beyond":
        text = _put(text, random_)
    photos = (
        int(random_.random() < 0.75)
        if intent == "beyond"
        else int(random_.random() < (0.2 if intent == "question" else 0.5))
    )
    if intent == "show" and "orig" in held:
        plan["result"] = SHOWN.get(held["orig"], "original")
    return {"text": text, "concepts": [], "photos": photos, "plan": plan}
